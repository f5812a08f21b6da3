// SPDX-License-Identifier: Apache-2.0
// A private key for ES256 (P-256 with SHA-256): machines sign with it.
#pragma once

#include <memory>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/crypto/public_key.h"

struct evp_pkey_st;

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
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };
  explicit Es256Key(evp_pkey_st* key) : key_(key) {}

  std::unique_ptr<evp_pkey_st, Free> key_;
};

}  // namespace countersign::crypto
