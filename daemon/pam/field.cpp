// SPDX-License-Identifier: Apache-2.0
#include "daemon/pam/field.h"

#include <algorithm>

namespace countersign::pam {
namespace {

constexpr std::size_t otp_length = 44;  // public id and ciphertext, in modhex
constexpr std::string_view modhex = "cbdefghijklnrtuv";

bool ends_in(std::string_view text, std::size_t count, std::string_view alphabet) {
  return count > 0 && text.size() >= count && std::ranges::all_of(text.substr(text.size() - count), [&](char c) { return alphabet.contains(c); });
}

}  // namespace

Field split(std::string_view typed, std::size_t digits) {
  std::size_t code = 0;
  if (ends_in(typed, otp_length, modhex)) code = otp_length;
  else if (ends_in(typed, digits, "0123456789")) code = digits;
  return {.password = typed.substr(0, typed.size() - code), .code = typed.substr(typed.size() - code)};
}

}  // namespace countersign::pam
