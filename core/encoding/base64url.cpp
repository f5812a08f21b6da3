// SPDX-License-Identifier: Apache-2.0
#include "core/encoding/base64url.h"

#include <fmt/format.h>

#include <array>

namespace countersign::formats {
namespace {

constexpr std::string_view url_letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int8_t, 256> url_values = [] {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (std::size_t i = 0; i < url_letters.size(); ++i)
    table[static_cast<Byte>(url_letters[i])] = static_cast<std::int8_t>(i);
  return table;
}();

}  // namespace

std::string base64url(BytesView bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const Byte byte : bytes) {
    bits = bits << 8U | byte;
    for (held += 8; held >= 6; held -= 6) text += url_letters[bits >> (held - 6) & 0x3FU];
  }
  if (held > 0) text += url_letters[bits << (6 - held) & 0x3FU];
  return text;
}

Result<Bytes> base64url_decode(std::string_view text) {
  if (text.size() % 4 == 1) return fail(Code::invalid, "the base64url text is cut off");
  Bytes bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::int8_t value = url_values[static_cast<Byte>(text[i])];
    if (value < 0)
      return fail(
          Code::invalid,
          fmt::format(
              "the letter at position {} is not base64url (A to Z, a to z, 0 to 9, - and _)",
              i + 1));
    bits = bits << 6U | static_cast<std::uint32_t>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes.push_back(static_cast<Byte>(bits >> held));
  }
  if ((bits & ((1U << held) - 1U)) != 0)
    return fail(Code::invalid, "the last base64url letter has bits that belong to nothing");
  return bytes;
}

}  // namespace countersign::formats
