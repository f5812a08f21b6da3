// SPDX-License-Identifier: Apache-2.0
// One block of AES-128 (FIPS 197), without a mode: for token formats that are one encrypted block.
#pragma once

#include <array>

#include "core/bytes.h"

namespace countersign::crypto {

using AesBlock = std::array<Byte, 16>;

// The key has 16 octets. The caller wipes what it does not keep.
[[nodiscard]] AesBlock aes_128_decrypt(BytesView key, const AesBlock& block);
[[nodiscard]] AesBlock aes_128_encrypt(BytesView key, const AesBlock& block);

}  // namespace countersign::crypto
