// SPDX-License-Identifier: Apache-2.0
// AES decryption as imported files use it (XML Encryption 1.1 §5.2 and §5.6); Countersign itself
// seals with aead.h.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace countersign::crypto {

// CBC: a 16-octet IV in front, then whole blocks; the last octet says how many octets of padding
// end the text (xmlenc §5.2, of which PKCS #7 is a case). The key has 16, 24 or 32 octets. Has no
// integrity: check a MAC first. Every failure is the same corrupt Error.
[[nodiscard]] Result<Secret> aes_cbc_decrypt(const Secret& key, BytesView iv_and_cipher);

// Key wrap (RFC 3394), which does check integrity. Every failure is the same corrupt Error.
[[nodiscard]] Result<Secret> aes_key_unwrap(const Secret& key, BytesView wrapped);

}  // namespace countersign::crypto
