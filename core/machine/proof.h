// SPDX-License-Identifier: Apache-2.0
// How a host proves which machine it is in a sign-in: an ES256 signature by its key over the
// challenge and its fingerprint.
#pragma once

#include <string>

#include "core/base/bytes.h"
#include "core/crypto/es256_key.h"
#include "core/crypto/public_key.h"
#include "core/machine/fingerprint.h"

namespace countersign::machine {

struct Statement {
  Bytes challenge;      // the machine challenge of this sign-in, as it was given
  std::string sign_in;  // its id
  std::string service;
  Fingerprint fingerprint;
};

// The octets that are signed: "countersign-machine-proof-v1" | 0 | challenge | sign-in id | service
// | encode(fingerprint), where each of the four stands behind its length as 4 octets, big-endian.
// So no two statements have the same octets.
[[nodiscard]] Bytes message_of(const Statement& statement);

// ECDSA P-256 with SHA-256; DER (Ecdsa-Sig-Value), as PublicKey::verify takes it.
[[nodiscard]] Bytes sign(const Statement& statement, const crypto::Es256Key& key);

// Whether that key signed exactly this. Only that: whether the challenge is fresh, and of this
// sign-in, is the caller's to know (T36).
[[nodiscard]] bool holds(const Statement& statement, const crypto::PublicKey& key,
                         BytesView signature);

}  // namespace countersign::machine
