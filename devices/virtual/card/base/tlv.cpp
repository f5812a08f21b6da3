// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/card/base/tlv.h"

#include <algorithm>

namespace countersign::virtual_card::tlv {
namespace {

constexpr std::size_t most_items = 64;

std::optional<Byte> take(BytesView& rest) {
  if (rest.empty()) return std::nullopt;
  const Byte first = rest[0];
  rest = rest.subspan(1);
  return first;
}

std::optional<std::uint32_t> take_tag(BytesView& rest) {
  const auto first = take(rest);
  if (!first) return std::nullopt;
  std::uint32_t tag = *first;
  if ((*first & 0x1fU) != 0x1f) return tag;
  for (int i = 0; i < 2; ++i) {
    const auto next = take(rest);
    if (!next) return std::nullopt;
    tag = tag << 8U | *next;
    if (*next < 0x80) return tag;
  }
  return std::nullopt;
}

std::optional<std::size_t> take_length(BytesView& rest) {
  const auto first = take(rest);
  if (!first) return std::nullopt;
  if (*first < 0x80) return *first;
  const unsigned count = *first & 0x7fU;
  if (count == 0 || count > 2) return std::nullopt;
  std::size_t length = 0;
  for (unsigned i = 0; i < count; ++i) {
    const auto next = take(rest);
    if (!next) return std::nullopt;
    length = length << 8U | *next;
  }
  return length;
}

}  // namespace

std::optional<std::vector<Item>> read(BytesView input) {
  std::vector<Item> items;
  while (!input.empty()) {
    const auto tag = take_tag(input);
    const auto length = tag ? take_length(input) : std::nullopt;
    if (!length || *length > input.size() || items.size() == most_items) return std::nullopt;
    items.push_back({*tag, input.first(*length)});
    input = input.subspan(*length);
  }
  return items;
}

std::optional<BytesView> find(const std::vector<Item>& items, std::uint32_t tag) {
  const auto found = std::ranges::find(items, tag, &Item::tag);
  return found == items.end() ? std::nullopt : std::optional(found->value);
}

std::optional<std::vector<Item>> read_inside(BytesView input, std::uint32_t tag) {
  const auto outer = read(input);
  if (!outer || outer->size() != 1 || outer->front().tag != tag) return std::nullopt;
  return read(outer->front().value);
}

Bytes item(std::uint32_t tag, BytesView value) {
  Bytes out;
  for (const unsigned shift : {16U, 8U})
    if (tag >> shift != 0) out.push_back(static_cast<Byte>(tag >> shift & 0xffU));
  out.push_back(static_cast<Byte>(tag & 0xffU));
  const std::size_t size = value.size();
  if (size > 0xff) {
    out.insert(out.end(), {0x82, static_cast<Byte>(size >> 8U), static_cast<Byte>(size & 0xffU)});
  } else {
    if (size > 0x7f) out.push_back(0x81);
    out.push_back(static_cast<Byte>(size));
  }
  append(out, value);
  return out;
}

void append(Bytes& out, BytesView more) { out.insert(out.end(), more.begin(), more.end()); }

Bytes join(std::initializer_list<BytesView> parts) {
  Bytes out;
  for (const BytesView part : parts) append(out, part);
  return out;
}

}  // namespace countersign::virtual_card::tlv
