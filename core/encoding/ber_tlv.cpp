// SPDX-License-Identifier: Apache-2.0
#include "core/encoding/ber_tlv.h"

namespace countersign::formats::tlv {
namespace {

constexpr std::size_t most_items = 128;

std::unexpected<Error> cut_off() { return fail(Code::corrupt, "the card's data is cut off"); }

std::optional<Byte> take(BytesView& rest) {
  if (rest.empty()) return std::nullopt;
  const Byte first = rest[0];
  rest = rest.subspan(1);
  return first;
}

Result<std::uint32_t> take_tag(BytesView& rest) {
  const auto first = take(rest);
  if (!first) return cut_off();
  std::uint32_t tag = *first;
  if ((tag & 0x1FU) != 0x1FU) return tag;
  for (int octets = 1; octets < 3; ++octets) {
    const auto next = take(rest);
    if (!next) return cut_off();
    tag = tag << 8U | *next;
    if (*next < 0x80) return tag;
  }
  return fail(Code::corrupt, "the card's data holds a tag of more than three octets");
}

Result<std::size_t> take_length(BytesView& rest) {
  const auto first = take(rest);
  if (!first) return cut_off();
  if (*first < 0x80) return *first;
  const unsigned count = *first & 0x7FU;
  if (count == 0 || count > 4)
    return fail(Code::corrupt, "the card's data holds an indefinite or too long length");
  std::size_t length = 0;
  for (unsigned i = 0; i < count; ++i) {
    const auto next = take(rest);
    if (!next) return cut_off();
    length = length << 8U | *next;
  }
  return length;
}

bool is_padding(Byte octet) { return octet == 0x00 || octet == 0xFF; }

}  // namespace

Result<std::vector<Item>> read(BytesView input) {
  std::vector<Item> items;
  for (;;) {
    while (!input.empty() && is_padding(input[0])) input = input.subspan(1);
    if (input.empty()) return items;
    if (items.size() == most_items)
      return fail(Code::corrupt, "the card's data has too many items");
    const auto tag = TRY(take_tag(input));
    const auto length = TRY(take_length(input));
    if (length > input.size()) return cut_off();
    items.push_back({.tag = tag, .content = input.first(length)});
    input = input.subspan(length);
  }
}

std::optional<BytesView> find(BytesView input, std::uint32_t tag) {
  const auto items = read(input);
  if (!items) return std::nullopt;
  for (const Item& each : *items)
    if (each.tag == tag) return each.content;
  return std::nullopt;
}

std::optional<BytesView> find(BytesView input, std::initializer_list<std::uint32_t> path) {
  std::optional<BytesView> inside = input;
  for (const std::uint32_t tag : path) {
    if (!inside) return std::nullopt;
    inside = find(*inside, tag);
  }
  return inside;
}

void append(Bytes& out, std::uint32_t tag, BytesView content) {
  for (int shift = 16; shift >= 0; shift -= 8)
    if (tag >> static_cast<unsigned>(shift) != 0)
      out.push_back(static_cast<Byte>(tag >> static_cast<unsigned>(shift)));
  const std::size_t length = content.size();
  if (length >= 0x80) {
    const unsigned count = length > 0xFFFFFF ? 4 : length > 0xFFFF ? 3 : length > 0xFF ? 2 : 1;
    out.push_back(static_cast<Byte>(0x80U | count));
    for (unsigned i = count; i-- > 1;) out.push_back(static_cast<Byte>(length >> (8 * i)));
  }
  out.push_back(static_cast<Byte>(length));
  out.insert(out.end(), content.begin(), content.end());
}

Bytes make(std::uint32_t tag, BytesView content) {
  Bytes out;
  append(out, tag, content);
  return out;
}

}  // namespace countersign::formats::tlv
