// SPDX-License-Identifier: Apache-2.0
#include "core/base/fold.h"

#include <boost/spirit/home/support/char_encoding/unicode/query.hpp>

#include "core/base/text.h"

namespace countersign {
namespace {

char32_t fold(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
  return boost::spirit::ucd::to_lowercase(boost::spirit::ucd::to_uppercase(c));
}

void append(std::string& out, char32_t c) {
  const auto octet = [&](char32_t value) {
    out += static_cast<char>(static_cast<unsigned char>(value));
  };
  if (c < 0x80) return octet(c);
  if (c < 0x800) return octet(0xC0U | c >> 6U), octet(0x80U | (c & 0x3FU));
  if (c < 0x10000)
    octet(0xE0U | c >> 12U);
  else
    octet(0xF0U | c >> 18U), octet(0x80U | (c >> 12U & 0x3FU));
  octet(0x80U | (c >> 6U & 0x3FU));
  octet(0x80U | (c & 0x3FU));
}

}  // namespace

std::string fold_case(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const char octet = text.front();
    const char32_t c = next_character(text);
    if (c == malformed_character)
      out += octet;
    else
      append(out, fold(c));
  }
  return out;
}

}  // namespace countersign
