// SPDX-License-Identifier: Apache-2.0
#include "core/encoding/base64.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/encoding/source.h"

namespace countersign::formats {
namespace {

bool space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

int bits_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

}  // namespace

Result<Secret> base64_decode(std::string_view text) {
  if (text.size() > longest_field)
    return fail(Code::invalid,
                fmt::format("the base64 text is longer than {} letters", longest_field));
  std::size_t letters = 0;
  std::size_t padding = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (space(text[i])) continue;
    if (text[i] == '=') {
      ++padding;
      continue;
    }
    if (bits_of(text[i]) < 0)
      return fail(Code::invalid, fmt::format("letter '{}' at position {} is not base64",
                                             escape_text(text.substr(i, 1)), i + 1));
    if (padding > 0)
      return fail(Code::invalid,
                  fmt::format("the base64 text goes on after its padding, at position {}", i + 1));
    ++letters;
  }
  if (letters == 0) return fail(Code::invalid, "the base64 text is empty");
  if (letters % 4 == 1 || (padding > 0 && padding != (4 - letters % 4) % 4))
    return fail(Code::invalid,
                fmt::format("base64 of {} letters is cut off or wrongly padded", letters));
  Secret bytes(letters * 3 / 4);
  const auto out = bytes.expose_mutable();
  std::size_t at = 0;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    if (space(c) || c == '=') continue;
    bits = bits << 6U | static_cast<std::uint32_t>(bits_of(c));
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out[at++] = static_cast<Byte>(bits >> held);
  }
  if ((bits & ((1U << held) - 1U)) != 0)
    return fail(Code::invalid,
                "the last base64 letter has bits that belong to nothing; the text was changed");
  return bytes;
}

Secret base64_encode(BytesView bytes) {
  static constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  Secret text((bytes.size() + 2) / 3 * 4);
  std::size_t at = 0;
  for (; !bytes.empty(); bytes = bytes.subspan(std::min<std::size_t>(3, bytes.size()))) {
    const auto octet = [&](std::size_t i) {
      return i < bytes.size() ? static_cast<std::uint32_t>(bytes[i]) : 0U;
    };
    const std::uint32_t group = octet(0) << 16U | octet(1) << 8U | octet(2);
    for (std::size_t i = 0; i < 4; ++i)
      text.expose_mutable()[at++] =
          static_cast<Byte>(i <= bytes.size() ? letters[group >> (18 - 6 * i) & 63U] : '=');
  }
  return text;
}

}  // namespace countersign::formats
