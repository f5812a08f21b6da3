// SPDX-License-Identifier: Apache-2.0
// The management key's cipher on single blocks.
#pragma once

#include "core/base/bytes.h"
#include "devices/virtual/card/piv/state.h"

namespace countersign::virtual_card::piv {

[[nodiscard]] std::size_t block_size(Cipher cipher);
// One block, enciphered.
[[nodiscard]] Bytes encipher(const ManagementKey& key, BytesView block);
[[nodiscard]] Bytes decipher(const ManagementKey& key, BytesView block);

}  // namespace countersign::virtual_card::piv
