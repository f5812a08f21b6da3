// SPDX-License-Identifier: Apache-2.0
// Single blocks under a cipher, without a mode: token formats that are one encrypted block,
// challenge and response of a PIV card's management key (SP 800-73-4 Part 2 §3.2.4).
#pragma once

#include <array>
#include <span>

#include "core/base/bytes.h"

namespace countersign::crypto {

// 3DES with three keys (24 octets); AES (FIPS 197) with keys of 16, 24 and 32.
enum class BlockCipher { triple_des, aes128, aes192, aes256 };
inline constexpr std::array block_ciphers = {BlockCipher::triple_des, BlockCipher::aes128,
                                             BlockCipher::aes192, BlockCipher::aes256};

[[nodiscard]] std::size_t block_size(BlockCipher cipher);
[[nodiscard]] std::size_t key_size(BlockCipher cipher);
using AesBlock = std::array<Byte, 16>;

// One block, into as many octets; the caller wipes what it does not keep. False: the key, the block
// or the place for it has another size, and nothing was written.
[[nodiscard]] bool encipher_block(BlockCipher cipher, BytesView key, BytesView block,
                                  std::span<Byte> out);
[[nodiscard]] bool decipher_block(BlockCipher cipher, BytesView key, BytesView block,
                                  std::span<Byte> out);

}  // namespace countersign::crypto
