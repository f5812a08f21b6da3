// SPDX-License-Identifier: Apache-2.0
// Single blocks under a cipher: what challenge and response of a PIV card's management key are made of (SP 800-73-4 Part 2 §3.2.4).
#pragma once

#include <optional>

#include "core/bytes.h"
#include "core/secret.h"

namespace countersign::crypto {

// 3DES with three keys (24 octets); AES with keys of 16, 24 and 32.
enum class BlockCipher { triple_des, aes128, aes192, aes256 };

[[nodiscard]] std::size_t block_size(BlockCipher cipher);
[[nodiscard]] std::size_t key_size(BlockCipher cipher);
// Nothing: the key or the block has another size.
[[nodiscard]] std::optional<Bytes> encipher_block(BlockCipher cipher, const Secret& key, BytesView block);
[[nodiscard]] std::optional<Bytes> decipher_block(BlockCipher cipher, const Secret& key, BytesView block);

}  // namespace countersign::crypto
