// SPDX-License-Identifier: Apache-2.0
// COSE_Key (RFC 9052 §7, RFC 9053 §7, RFC 8230 §4) as WebAuthn's credential public keys have it
// (WebAuthn L3 §6.5.1.1).
#pragma once

#include "core/crypto/public_key.h"

namespace countersign::crypto {

// Exactly one key, with "alg"; only the parameters of its type, and no private part. Code::corrupt:
// not CBOR or not a COSE_Key; Code::invalid: an algorithm or key that is not taken.
[[nodiscard]] Result<PublicKey> public_key_from_cose(BytesView cose_key);
// Canonical.
[[nodiscard]] Bytes to_cose(const PublicKey& key);

}  // namespace countersign::crypto
