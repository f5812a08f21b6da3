// SPDX-License-Identifier: Apache-2.0
#include "daemon/pam/field.h"

#include <algorithm>

namespace countersign::pam {
namespace {

constexpr std::size_t otp_length = 44;  // public id and ciphertext, in modhex
constexpr std::string_view modhex = "cbdefghijklnrtuv";
constexpr std::size_t backup_length = 19;
constexpr std::string_view digit_letters = "0123456789";
constexpr std::string_view alphanumeric =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

bool ends_in(std::string_view text, std::size_t count, std::string_view alphabet) {
  return count > 0 && text.size() >= count &&
         std::ranges::all_of(text.substr(text.size() - count),
                             [&](char c) { return alphabet.contains(c); });
}

// "7k2m-9qxa-r4tb-c8de": four groups of four. Without dashes it could be part of a password.
bool ends_in_backup_code(std::string_view text) {
  if (text.size() < backup_length) return false;
  text.remove_prefix(text.size() - backup_length);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i % 5 == 4;
    if (dash ? text[i] != '-' : !alphanumeric.contains(text[i])) return false;
  }
  return true;
}

// How much of the end is a code of so many digits: together, or in halves as apps show them, "482
// 913". 0: none.
std::size_t length_of_digits(std::string_view text, std::size_t count) {
  if (ends_in(text, count, digit_letters)) return count;
  for (const std::size_t last : {count / 2, count - count / 2}) {
    if (last == 0 || text.size() < count + 1 || !ends_in(text, last, digit_letters)) continue;
    const std::string_view front = text.substr(0, text.size() - last);
    const bool parted = front.ends_with(' ') || front.ends_with('-');
    if (parted && ends_in(front.substr(0, front.size() - 1), count - last, digit_letters))
      return count + 1;
  }
  return 0;
}

}  // namespace

Field split(std::string_view typed, std::span<const int> digits) {
  std::size_t code = 0;
  if (ends_in(typed, otp_length, modhex))
    code = otp_length;
  else if (ends_in_backup_code(typed))
    code = backup_length;
  else
    for (const int each : digits)
      code = std::max(code, length_of_digits(typed, static_cast<std::size_t>(each)));
  return {.password = typed.substr(0, typed.size() - code),
          .code = typed.substr(typed.size() - code)};
}

}  // namespace countersign::pam
