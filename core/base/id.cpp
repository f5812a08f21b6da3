// SPDX-License-Identifier: Apache-2.0
#include "core/base/id.h"

namespace countersign {
namespace {

constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t length = 13;

}  // namespace

std::string to_text(std::int64_t id) {
  std::string text(length, '0');
  auto rest = static_cast<std::uint64_t>(id);
  for (std::size_t i = length; i-- > 0; rest >>= 5U) text[i] = alphabet[rest & 31U];
  return text;
}

std::optional<std::int64_t> id_from_text(std::string_view text) {
  if (text.size() != length) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const auto digit = alphabet.find(lower);
    if (digit == std::string_view::npos || (value >> 59U) != 0) return std::nullopt;
    value = value << 5U | digit;
  }
  if (value == 0 || value > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

}  // namespace countersign
