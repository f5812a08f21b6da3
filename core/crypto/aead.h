// SPDX-License-Identifier: Apache-2.0
// AES-256-GCM (SP 800-38D) with 96-bit random nonces: nonce | ciphertext | 128-bit tag.
#pragma once

#include "core/base/bytes.h"
#include "core/base/random.h"
#include "core/base/result.h"
#include "core/base/secret.h"

struct evp_cipher_ctx_st;

namespace countersign::crypto {

// One key, set up once. One thread at a time.
class Aead {
 public:
  static constexpr std::size_t key_size = 32;
  static constexpr std::size_t overhead = 12 + 16;

  explicit Aead(const Secret& key);  // exactly key_size octets
  ~Aead();
  Aead(const Aead&) = delete;
  Aead& operator=(const Aead&) = delete;

  [[nodiscard]] Bytes seal(Random& random, BytesView associated, BytesView plain);
  // corrupt when key, associated data or any bit is another.
  [[nodiscard]] Result<Secret> open(BytesView associated, BytesView sealed);

 private:
  evp_cipher_ctx_st* encrypt_;
  evp_cipher_ctx_st* decrypt_;
};

}  // namespace countersign::crypto
