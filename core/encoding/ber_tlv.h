// SPDX-License-Identifier: Apache-2.0
// BER-TLV as smartcards speak it (ISO 7816-4 §5.2.2): definite lengths only, tags of at most three
// octets, read item by item. What is constructed is read again by who asks for it, so the depth is
// the asker's.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace countersign::formats::tlv {

struct Item {
  std::uint32_t tag = 0;  // as it stands, leading octet first: 0x53, 0x5F2F, 0x7F49
  BytesView content;      // a view into the input
};

// The items, one after the other; at most 128. Octets 00 and FF between items are padding.
// Code::corrupt: cut off, indefinite or longer than four length octets, tags of more than three
// octets.
[[nodiscard]] Result<std::vector<Item>> read(BytesView input);

// The content of the first item with that tag in the input; nothing: it is not there, or the input
// is malformed.
[[nodiscard]] std::optional<BytesView> find(BytesView input, std::uint32_t tag);
// The same along a path of constructed items, from outside to inside.
[[nodiscard]] std::optional<BytesView> find(BytesView input,
                                            std::initializer_list<std::uint32_t> path);

// Appends one item in the shortest form.
void append(Bytes& out, std::uint32_t tag, BytesView content);
[[nodiscard]] Bytes make(std::uint32_t tag, BytesView content);

}  // namespace countersign::formats::tlv
