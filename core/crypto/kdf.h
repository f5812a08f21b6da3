// SPDX-License-Identifier: Apache-2.0
// Key derivation: HKDF (RFC 5869) for keys from keys, scrypt (RFC 7914) for digests of typed codes,
// PBKDF2 (RFC 8018) for imported files that ask for it.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/hash_algorithm.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace countersign::crypto {

// HKDF-SHA-256 without salt.
[[nodiscard]] Secret hkdf(const Secret& key, std::string_view info, std::size_t size);

struct ScryptCost {
  std::uint64_t n = 1U << 14U;  // 16 MiB with r = 8
  std::uint32_t r = 8;
  std::uint32_t p = 1;
};
// Slow on purpose, and needs n * r * 128 octets while it runs: call it on a worker thread.
[[nodiscard]] Result<Secret> scrypt(BytesView password, BytesView salt, const ScryptCost& cost,
                                    std::size_t size);

[[nodiscard]] Result<Secret> pbkdf2(HashAlgorithm algorithm, BytesView password, BytesView salt,
                                    std::uint32_t iterations, std::size_t size);

}  // namespace countersign::crypto
