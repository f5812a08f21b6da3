// SPDX-License-Identifier: Apache-2.0
#include "core/encoding/modhex.h"

#include <algorithm>
#include <array>

namespace countersign::formats {
namespace {

// What the sixteen keys give, in the order of their values; lower case and upper case.
struct Layout {
  std::array<std::string_view, 16> lower, upper;
};

constexpr std::array<Layout, 6> layouts = {{
    {{"c", "b", "d", "e", "f", "g", "h", "i", "j", "k", "l", "n", "r", "t", "u", "v"},
     {"C", "B", "D", "E", "F", "G", "H", "I", "J", "K", "L", "N", "R", "T", "U", "V"}},
    // Dvorak
    {{"j", "x", "e", ".", "u", "i", "d", "c", "h", "t", "n", "b", "p", "y", "g", "k"},
     {"J", "X", "E", ">", "U", "I", "D", "C", "H", "T", "N", "B", "P", "Y", "G", "K"}},
    // Colemak
    {{"c", "b", "s", "f", "t", "d", "h", "u", "n", "e", "i", "k", "p", "g", "l", "v"},
     {"C", "B", "S", "F", "T", "D", "H", "U", "N", "E", "I", "K", "P", "G", "L", "V"}},
    // Turkish: the key of i gives the dotless one
    {{"c", "b", "d", "e", "f", "g", "h", "ı", "j", "k", "l", "n", "r", "t", "u", "v"},
     {"C", "B", "D", "E", "F", "G", "H", "İ", "J", "K", "L", "N", "R", "T", "U", "V"}},
    // Russian
    {{"с", "и", "в", "у", "а", "п", "р", "ш", "о", "л", "д", "т", "к", "е", "г", "м"},
     {"С", "И", "В", "У", "А", "П", "Р", "Ш", "О", "Л", "Д", "Т", "К", "Е", "Г", "М"}},
    // Greek
    {{"ψ", "β", "δ", "ε", "φ", "γ", "η", "ι", "ξ", "κ", "λ", "ν", "ρ", "τ", "θ", "ω"},
     {"Ψ", "Β", "Δ", "Ε", "Φ", "Γ", "Η", "Ι", "Ξ", "Κ", "Λ", "Ν", "Ρ", "Τ", "Θ", "Ω"}},
}};

std::size_t character_size(std::string_view rest) {
  return static_cast<unsigned char>(rest.front()) < 0x80 ? 1 : 2;
}

std::optional<Byte> value_of(std::string_view character, const Layout& layout) {
  for (const auto& row : {layout.lower, layout.upper})
    if (const auto at = std::ranges::find(row, character); at != row.end())
      return static_cast<Byte>(at - row.begin());
  return std::nullopt;
}

std::optional<Bytes> decode(std::string_view text, const Layout& layout) {
  Bytes digits;
  while (!text.empty()) {
    const std::string_view character = text.substr(0, character_size(text));
    const auto value = value_of(character, layout);
    if (!value) return std::nullopt;
    digits.push_back(*value);
    text.remove_prefix(character.size());
  }
  if (digits.size() % 2 != 0) return std::nullopt;
  Bytes octets(digits.size() / 2);
  for (std::size_t i = 0; i < octets.size(); ++i)
    octets[i] = static_cast<Byte>(digits[2 * i] << 4U | digits[2 * i + 1]);
  return octets;
}

}  // namespace

std::string modhex_encode(BytesView octets) {
  std::string out;
  for (const Byte octet : octets) {
    out += layouts[0].lower[octet >> 4U];
    out += layouts[0].lower[octet & 15U];
  }
  return out;
}

std::optional<Bytes> modhex_decode(std::string_view text) { return decode(text, layouts[0]); }

std::vector<Bytes> modhex_readings(std::string_view typed) {
  std::vector<Bytes> out;
  for (const Layout& layout : layouts)
    if (auto octets = decode(typed, layout); octets && std::ranges::find(out, *octets) == out.end())
      out.push_back(std::move(*octets));
  return out;
}

}  // namespace countersign::formats
