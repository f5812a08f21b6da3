// SPDX-License-Identifier: Apache-2.0
// A private key for ES256 (P-256 with SHA-256): machines sign with it.
#pragma once

#include <utility>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/crypto/key_handle.h"
#include "core/crypto/public_key.h"

namespace countersign::crypto {

// Move-only. Any thread may sign.
class Es256Key {
 public:
  [[nodiscard]] static Es256Key generate();
  // PKCS #8 (RFC 5208) in DER. Code::corrupt: no such thing, or another kind of key.
  [[nodiscard]] static Result<Es256Key> from_pkcs8(const Secret& der);
  [[nodiscard]] Secret pkcs8() const;

  [[nodiscard]] Bytes sign(BytesView message) const;  // DER (Ecdsa-Sig-Value)
  [[nodiscard]] Bytes spki() const;  // DER (RFC 5280 §4.1.2.7), for PublicKey::from_spki
  [[nodiscard]] PublicKey public_key() const;

 private:
  explicit Es256Key(KeyHandle key) : key_(std::move(key)) {}

  KeyHandle key_;
};

}  // namespace countersign::crypto
