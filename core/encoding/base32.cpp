// SPDX-License-Identifier: Apache-2.0
#include "core/encoding/base32.h"

#include <fmt/format.h>

#include <array>

#include "core/base/text.h"
#include "core/encoding/source.h"

namespace countersign::formats {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr Byte none = 0xFF;

constexpr auto values = [] {
  std::array<Byte, 256> table{};
  table.fill(none);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    const auto letter = static_cast<unsigned char>(alphabet[i]);
    table[letter] = static_cast<Byte>(i);
    if (letter >= 'A') table[letter + 32U] = static_cast<Byte>(i);
  }
  return table;
}();

// Calls put for each letter.
template <class Put>
void encode(BytesView bytes, Put put) {
  std::uint32_t bits = 0;
  int held = 0;
  for (const Byte byte : bytes) {
    bits = bits << 8U | byte;
    for (held += 8; held >= 5; held -= 5) put(alphabet[bits >> (held - 5) & 31U]);
  }
  if (held > 0) put(alphabet[bits << (5 - held) & 31U]);
}

}  // namespace

Secret base32_encode(BytesView bytes) {
  Secret text((bytes.size() * 8 + 4) / 5);
  std::size_t at = 0;
  encode(bytes, [&](char letter) { text.expose_mutable()[at++] = static_cast<Byte>(letter); });
  return text;
}

void append_base32(std::string& out, BytesView bytes) {
  encode(bytes, [&](char letter) { out += letter; });
}

Result<Secret> base32_decode(std::string_view text) {
  if (text.size() > longest_field)
    return fail(Code::invalid,
                fmt::format("the base32 text is longer than {} letters", longest_field));
  std::size_t letters = 0;
  bool padded = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ' ' || c == '-') continue;
    if (c == '=') {
      padded = true;
      continue;
    }
    if (values[static_cast<unsigned char>(c)] == none)
      return fail(Code::invalid,
                  fmt::format("letter '{}' at position {} is not base32 (A to Z, 2 to 7)",
                              escape_text(text.substr(i, 1)), i + 1));
    if (padded)
      return fail(Code::invalid,
                  fmt::format("the base32 text goes on after its padding, at position {}", i + 1));
    ++letters;
  }
  if (letters == 0) return fail(Code::invalid, "the base32 text is empty");
  if (letters % 8 == 1 || letters % 8 == 3 || letters % 8 == 6)
    return fail(Code::invalid,
                fmt::format("base32 of {} letters is cut off or has one too many", letters));
  Secret bytes(letters * 5 / 8);
  const auto out = bytes.expose_mutable();
  std::size_t at = 0;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const Byte value = values[static_cast<unsigned char>(c)];
    if (value == none) continue;
    bits = bits << 5U | value;
    held += 5;
    if (held < 8) continue;
    held -= 8;
    out[at++] = static_cast<Byte>(bits >> held);
  }
  return bytes;
}

}  // namespace countersign::formats
