// SPDX-License-Identifier: Apache-2.0
#include "core/id.h"

#include <algorithm>
#include <array>

namespace countersign {
namespace {

constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t length = 13;
constexpr int random_bits = 21;
constexpr std::int64_t time_mask = (std::int64_t{1} << 42) - 1;

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

std::int64_t IdSource::next() {
  std::array<Byte, 4> noise{};
  random_.fill(noise);
  const std::int64_t low = (noise[0] | noise[1] << 8 | noise[2] << 16) & ((1 << random_bits) - 1);
  const std::int64_t fresh = (unix_ms(clock_.wall()) & time_mask) << random_bits | low;
  const std::lock_guard lock(mutex_);
  last_ = std::max(last_ + 1, fresh);
  return last_;
}

}  // namespace countersign
