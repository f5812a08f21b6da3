// SPDX-License-Identifier: Apache-2.0
// HMAC (RFC 2104) keyed once and run many times: a code check is several MACs under one key.
#pragma once

#include <array>
#include <cstdint>

#include "core/base/bytes.h"
#include "core/base/hash_algorithm.h"
#include "core/base/secret.h"

struct evp_mac_ctx_st;

namespace countersign::crypto {

// One thread at a time. The key is copied into OpenSSL's context and wiped with it.
class Hmac {
 public:
  Hmac(HashAlgorithm algorithm, BytesView key);
  ~Hmac();
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;

  struct Tag {
    std::array<Byte, 64> bytes{};
    std::size_t size = 0;
    [[nodiscard]] BytesView view() const { return {bytes.data(), size}; }
  };
  [[nodiscard]] Tag of(BytesView message);

  // How many MACs this thread has computed; tests compare it between answers that must not differ
  // (T32).
  [[nodiscard]] static std::uint64_t computed();

 private:
  evp_mac_ctx_st* context_;
  bool fresh_ = true;  // keyed and not used yet
};

[[nodiscard]] Secret hmac_sha256(BytesView key, BytesView message);

}  // namespace countersign::crypto
