// SPDX-License-Identifier: Apache-2.0
#include "core/encoding/der.h"

namespace countersign::formats::der {
namespace {

constexpr std::size_t most_items = 256;

std::unexpected<Error> cut_off() { return fail(Code::corrupt, "the DER data is cut off"); }

// Takes identifier and length octets off the front; the content's size.
Result<std::size_t> take_head(BytesView& rest, Item& item) {
  const auto octet = [&rest]() -> std::optional<Byte> {
    if (rest.empty()) return std::nullopt;
    const Byte first = rest[0];
    rest = rest.subspan(1);
    return first;
  };
  const auto identifier = octet();
  if (!identifier) return cut_off();
  item.of = static_cast<Class>(*identifier >> 6U);
  item.constructed = (*identifier & 0x20U) != 0;
  item.tag = *identifier & 0x1FU;
  if (item.tag == 0x1F) {  // high tag number, base 128
    item.tag = 0;
    for (int i = 0;; ++i) {
      const auto part = octet();
      if (!part) return cut_off();
      if (i == 4) return fail(Code::corrupt, "the DER data holds a tag beyond 28 bits");
      item.tag = item.tag << 7U | (*part & 0x7FU);
      if (*part < 0x80) break;
    }
  }
  const auto first = octet();
  if (!first) return cut_off();
  if (*first < 0x80) return *first;
  const unsigned count = *first & 0x7FU;
  if (count == 0 || count > 4)
    return fail(Code::corrupt, "the DER data holds an indefinite or too long length");
  std::size_t size = 0;
  for (unsigned i = 0; i < count; ++i) {
    const auto part = octet();
    if (!part) return cut_off();
    size = size << 8U | *part;
  }
  return size;
}

}  // namespace

Result<std::vector<Item>> read(BytesView input) {
  std::vector<Item> items;
  while (!input.empty()) {
    if (items.size() == most_items) return fail(Code::corrupt, "the DER data has too many items");
    Item item;
    const auto size = TRY(take_head(input, item));
    if (size > input.size()) return cut_off();
    item.content = input.first(size);
    input = input.subspan(size);
    items.push_back(item);
  }
  return items;
}

Result<std::vector<Item>> read_inside(BytesView input, std::uint32_t tag) {
  const auto outer = read(input);
  if (!outer) return outer;
  if (outer->size() != 1 || !outer->front().is(tag) || !outer->front().constructed)
    return fail(Code::corrupt, "the DER data is not of the type it should be");
  return read(outer->front().content);
}

std::optional<std::int64_t> small_integer(const Item& item) {
  if (!item.is(integer) && !item.is(enumerated)) return std::nullopt;
  if (item.content.empty() || item.content.size() > 8 || item.content[0] >= 0x80)
    return std::nullopt;
  std::int64_t value = 0;
  for (const Byte byte : item.content) value = value << 8U | byte;
  return value;
}

Bytes item(Byte identifier, BytesView content) {
  Bytes out{identifier};
  if (content.size() < 0x80) {
    out.push_back(static_cast<Byte>(content.size()));
  } else {
    Bytes length;
    for (std::size_t left = content.size(); left != 0; left >>= 8)
      length.insert(length.begin(), static_cast<Byte>(left & 0xff));
    out.push_back(static_cast<Byte>(0x80 | length.size()));
    out.insert(out.end(), length.begin(), length.end());
  }
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

}  // namespace countersign::formats::der
