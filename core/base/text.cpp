// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.h"

#include <algorithm>

#include <fmt/format.h>

#include <cstdint>
#include <iterator>

namespace countersign {
namespace {

constexpr char32_t malformed = malformed_character;

bool unsafe(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200E || c == 0x200F ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

}  // namespace

char32_t next_character(std::string_view& text) {
  const auto octet = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = octet(0);
  const std::size_t length = lead < 0x80                   ? 1
                             : lead >= 0xC2 && lead < 0xE0 ? 2
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                             : lead >= 0xF0 && lead < 0xF5 ? 4
                                                           : 0;
  char32_t character = length == 1 ? lead : length == 0 ? malformed : lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if (i >= text.size() || (octet(i) & 0xC0U) != 0x80) {
      text.remove_prefix(1);
      return malformed;
    }
    character = character << 6U | (octet(i) & 0x3FU);
  }
  const bool bad =
      (length == 3 && (character < 0x800 || (character >= 0xD800 && character < 0xE000))) ||
      (length == 4 && (character < 0x10000 || character > 0x10FFFF));
  text.remove_prefix(bad || length == 0 ? 1 : length);
  return bad ? malformed : character;
}

std::string escape_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t c = next_character(text);
    const auto here = std::back_inserter(out);
    if (c == malformed)
      fmt::format_to(here, "\\x{:02x}", static_cast<std::uint8_t>(before[0]));
    else if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (unsafe(c) && c < 0x80)
      fmt::format_to(here, "\\x{:02x}", static_cast<std::uint32_t>(c));
    else if (unsafe(c))
      fmt::format_to(here, "\\u{{{:x}}}", static_cast<std::uint32_t>(c));
    else
      out.append(before.substr(0, before.size() - text.size()));
  }
  return out;
}

bool is_utf8(std::string_view text) {
  while (!text.empty())
    if (next_character(text) == malformed) return false;
  return true;
}

Result<void> require_plain_text(std::string_view field, std::string_view text,
                                std::size_t longest) {
  if (text.size() > longest)
    return fail(Code::invalid, fmt::format("{} is longer than {} bytes", field, longest));
  for (std::string_view rest = text; !rest.empty();) {
    const char32_t c = next_character(rest);
    if (c == malformed) return fail(Code::invalid, fmt::format("{} is not valid UTF-8", field));
    if (unsafe(c))
      return fail(
          Code::invalid,
          fmt::format(
              "{} holds the character U+{:04X}, which is not allowed there (control, line-breaking "
              "and text-direction characters are not)",
              field, static_cast<std::uint32_t>(c)));
  }
  return {};
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    // Most text is plain: take the longest run that needs nothing.
    std::size_t run = 0;
    while (run < text.size() && static_cast<std::uint8_t>(text[run]) >= 0x20 &&
           static_cast<std::uint8_t>(text[run]) < 0x7F && text[run] != '"' && text[run] != '\\')
      ++run;
    out.append(text.substr(0, run));
    text.remove_prefix(run);
    if (text.empty()) break;
    const std::string_view before = text;
    const char32_t c = next_character(text);
    if (c == malformed)
      out += "\\ufffd";
    else if (c == '"')
      out += "\\\"";
    else if (c == '\\')
      out += "\\\\";
    else if (unsafe(c))
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<std::uint32_t>(c));
    else
      out.append(before.substr(0, before.size() - text.size()));
  }
  out += '"';
}

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

bool starts_with_ignoring_case(std::string_view text, std::string_view front) {
  return equal_ignoring_case(text.substr(0, front.size()), front);
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view white = " \t\r\n";
  const auto first = text.find_first_not_of(white);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white) - first + 1);
}

}  // namespace countersign
