// SPDX-License-Identifier: Apache-2.0
// Password and code typed into one field: "correct horse482913".
#pragma once

#include <span>
#include <string_view>

namespace countersign::pam {

struct Field {
  std::string_view password;
  std::string_view code;  // empty: the field does not end in one
};

// The code is at the end: a YubiKey's 44 letters of modhex, a backup code with its dashes, or
// digits, also in halves: "482 913". digits: how many digits the user's codes have; the longest
// that fits wins. Views into `typed`.
[[nodiscard]] Field split(std::string_view typed, std::span<const int> digits);

}  // namespace countersign::pam
