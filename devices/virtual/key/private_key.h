// SPDX-License-Identifier: Apache-2.0
// A credential's or certificate's private key.
#pragma once

#include <utility>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/crypto/key_handle.h"
#include "core/encoding/cbor.h"

namespace countersign::virtual_key {

// COSE algorithm identifiers (RFC 9053, RFC 8812).
enum class Algorithm : int { es256 = -7, eddsa = -8, rs256 = -257 };

// Move-only; one thread at a time.
class PrivateKey {
 public:
  [[nodiscard]] static PrivateKey generate(
      Algorithm algorithm);  // P-256, Ed25519, RSA with 2048 bits
  [[nodiscard]] static Result<PrivateKey> from_pkcs8(Algorithm algorithm, BytesView der);
  [[nodiscard]] Secret pkcs8() const;  // DER

  [[nodiscard]] Algorithm algorithm() const { return algorithm_; }
  // WebAuthn L3 §6.5.5: ES256 as DER ECDSA-Sig-Value, Ed25519 as 64 octets, RS256 as PKCS #1 v1.5.
  [[nodiscard]] Bytes sign(BytesView message) const;
  [[nodiscard]] formats::cbor::Value cose_public() const;
  [[nodiscard]] Bytes point() const;  // 0x04 | x | y; ES256 alone
  [[nodiscard]] evp_pkey_st* get() const { return key_.get(); }

 private:
  PrivateKey(Algorithm algorithm, crypto::KeyHandle key)
      : algorithm_(algorithm), key_(std::move(key)) {}

  Algorithm algorithm_;
  crypto::KeyHandle key_;
};

}  // namespace countersign::virtual_key
