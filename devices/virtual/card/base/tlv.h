// SPDX-License-Identifier: Apache-2.0
// BER-TLV as cards speak it (ISO/IEC 7816-4 §5.2.2): tags of up to three octets kept as they are
// written (0x5FC105), lengths up to 65535. The card's own, apart from the driver's parser: a
// mistake in one would not be seen with both ends the same.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <vector>

#include "core/base/bytes.h"

namespace countersign::virtual_card::tlv {

struct Item {
  std::uint32_t tag = 0;
  BytesView value;  // into the input
};

// All items of one level, at most 64; nothing when the input is not such a sequence.
[[nodiscard]] std::optional<std::vector<Item>> read(BytesView input);
// The value of the first item with this tag.
[[nodiscard]] std::optional<BytesView> find(const std::vector<Item>& items, std::uint32_t tag);
// The items inside of the one item that the input is; nothing when it is another.
[[nodiscard]] std::optional<std::vector<Item>> read_inside(BytesView input, std::uint32_t tag);

[[nodiscard]] Bytes item(std::uint32_t tag, BytesView value);
[[nodiscard]] inline Bytes item(std::uint32_t tag, std::initializer_list<Byte> value) {
  return item(tag, BytesView(value.begin(), value.size()));
}
void append(Bytes& out, BytesView more);
// One after the other.
[[nodiscard]] Bytes join(std::initializer_list<BytesView> parts);

}  // namespace countersign::virtual_card::tlv
