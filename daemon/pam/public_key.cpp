// SPDX-License-Identifier: Apache-2.0
#include "daemon/pam/public_key.h"

#include <algorithm>

namespace countersign::pam {
namespace {

constexpr std::string_view method = "publickey ";

bool letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// A word of letters, digits and these marks only; not empty.
bool is_word(std::string_view text, std::string_view marks) {
  const auto fits = [&](char c) { return letter_or_digit(c) || marks.contains(c); };
  return !text.empty() && std::ranges::all_of(text, fits);
}

// "publickey TYPE BASE64", possibly followed by more.
bool names_key(std::string_view line) {
  if (!line.starts_with(method)) return false;
  line.remove_prefix(method.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || !is_word(line.substr(0, space), "-.@")) return false;
  const std::string_view key = line.substr(space + 1);
  return is_word(key.substr(0, key.find(' ')), "+/=");
}

}  // namespace

bool has_public_key(std::string_view auth_info) {
  while (!auth_info.empty()) {
    const std::size_t end = std::min(auth_info.find('\n'), auth_info.size());
    if (names_key(auth_info.substr(0, end))) return true;
    auth_info.remove_prefix(std::min(end + 1, auth_info.size()));
  }
  return false;
}

}  // namespace countersign::pam
