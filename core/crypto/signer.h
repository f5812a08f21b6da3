// SPDX-License-Identifier: Apache-2.0
// Ed25519 (RFC 8032): the daemon signs its audit heads, anybody with the public key checks them.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/secret.h"

struct evp_pkey_st;

namespace countersign::crypto {

// Any thread may sign; objects of libcrypto's key type are immutable once made.
class Signer {
 public:
  static constexpr std::size_t seed_size = 32;
  explicit Signer(const Secret& seed);
  ~Signer();
  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;

  [[nodiscard]] Bytes sign(BytesView message) const;                     // 64 octets
  [[nodiscard]] const Bytes& public_key() const { return public_key_; }  // 32 octets

 private:
  evp_pkey_st* key_;
  Bytes public_key_;
};

[[nodiscard]] bool verify_ed25519(BytesView public_key, BytesView message, BytesView signature);

}  // namespace countersign::crypto
