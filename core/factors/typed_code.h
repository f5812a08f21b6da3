// SPDX-License-Identifier: Apache-2.0
// A code as a person typed it, brought into one form before any factor sees it (T17).
#pragma once

#include <string_view>

#include "core/base/result.h"
#include "core/base/secret.h"

namespace countersign {

inline constexpr std::size_t longest_typed_code =
    160;  // octets as typed, with spaces and dashes; letters beyond ASCII take two

enum class CodeForm {
  digits,      // 6 to 8: TOTP, HOTP, a code that was sent
  backup,      // backup_codes.h
  yubico_otp,  // what a YubiKey typed, 32 to 64 letters, whatever the keyboard's layout
};

struct TypedCode {
  CodeForm form = CodeForm::digits;
  Secret text;  // without spaces and dashes
};

// invalid, with what is expected, when it can be no code of any kind: nothing is tried and nothing
// counted.
[[nodiscard]] Result<TypedCode> parse_code(std::string_view typed);

// The same for a code that was sent: 4 to 8 digits.
[[nodiscard]] Result<TypedCode> parse_sent_code(std::string_view typed);

// The same for the first code of what waits to be bound: either of them.
[[nodiscard]] Result<TypedCode> parse_first_code(std::string_view typed);

}  // namespace countersign
