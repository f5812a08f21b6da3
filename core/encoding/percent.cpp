// SPDX-License-Identifier: Apache-2.0
#include "core/encoding/percent.h"

#include <charconv>

namespace countersign::formats {

void append_percent_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : text) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || std::string_view("-._~").contains(c);
    if (unreserved) {
      out += c;
    } else {
      const auto octet = static_cast<unsigned char>(c);
      out += {'%', digits[octet >> 4U], digits[octet & 15U]};
    }
  }
}

Result<Secret> percent_decode(std::string_view text, Plus plus) {
  std::size_t size = text.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') continue;
    unsigned octet = 0;
    const std::string_view hex = text.substr(i + 1, 2);
    if (hex.size() != 2 ||
        std::from_chars(hex.data(), hex.data() + 2, octet, 16).ptr != hex.data() + 2)
      return fail(Code::invalid, "the URI has a % that is not followed by two hex digits");
    size -= 2;
    i += 2;
  }
  Secret decoded(size);
  auto out = decoded.expose_mutable().begin();
  for (std::size_t i = 0; i < text.size(); ++i, ++out) {
    if (text[i] == '%') {
      unsigned octet = 0;
      (void)std::from_chars(text.data() + i + 1, text.data() + i + 3, octet, 16);
      *out = static_cast<Byte>(octet);
      i += 2;
    } else {
      *out = static_cast<Byte>(text[i] == '+' && plus == Plus::space ? ' ' : text[i]);
    }
  }
  return decoded;
}

std::pair<std::string_view, std::string_view> next_parameter(std::string_view& query) {
  const auto end = query.find('&');
  const std::string_view pair = query.substr(0, end);
  query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
  const auto equals = pair.find('=');
  return {pair.substr(0, equals),
          equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1)};
}

}  // namespace countersign::formats
