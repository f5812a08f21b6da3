// SPDX-License-Identifier: Apache-2.0
#include "core/factors/typed_code.h"

#include <algorithm>
#include <string>

#include "core/factors/backup_codes.h"
#include "core/factors/yubico_otp.h"

namespace countersign {
namespace {

Result<TypedCode> refuse(std::string_view what) {
  return fail(Code::invalid, std::string(what) +
                                 ": a code has 6 to 8 digits, a backup code 16 letters and digits, "
                                 "what a YubiKey types 32 to 64 letters");
}

}  // namespace

Result<TypedCode> parse_code(std::string_view typed) {
  if (typed.empty()) return refuse("the code is empty");
  if (typed.size() > longest_typed_code) return refuse("the code is too long");
  std::string compact;
  std::ranges::copy_if(typed, std::back_inserter(compact),
                       [](char c) { return c != ' ' && c != '-'; });
  const bool digits = std::ranges::all_of(compact, [](char c) { return c >= '0' && c <= '9'; });
  Result<TypedCode> code = refuse(digits ? "the code has the wrong length" : "this is not a code");
  if (digits && compact.size() >= 6 && compact.size() <= 8)
    code = TypedCode{CodeForm::digits, Secret(compact)};
  else if (std::string normalized = backup_codes::normalize(typed); !normalized.empty()) {
    code = TypedCode{CodeForm::backup, Secret(normalized)};
    wipe(normalized);
  } else if (!yubico_otp::readings(compact).empty()) {
    code = TypedCode{CodeForm::yubico_otp, Secret(compact)};
  }
  wipe(compact);
  return code;
}

Result<TypedCode> parse_sent_code(std::string_view typed) {
  if (typed.size() > longest_typed_code) return fail(Code::invalid, "the code is too long");
  std::string compact;
  std::ranges::copy_if(typed, std::back_inserter(compact),
                       [](char c) { return c != ' ' && c != '-'; });
  const bool digits = std::ranges::all_of(compact, [](char c) { return c >= '0' && c <= '9'; });
  Result<TypedCode> code =
      fail(Code::invalid, "this is not the code that was sent: it has 4 to 8 digits");
  if (digits && compact.size() >= 4 && compact.size() <= 8)
    code = TypedCode{CodeForm::digits, Secret(compact)};
  wipe(compact);
  return code;
}

Result<TypedCode> parse_first_code(std::string_view typed) {
  Result<TypedCode> code = parse_code(typed);
  if (code) return code;
  Result<TypedCode> sent = parse_sent_code(typed);
  return sent ? std::move(sent) : std::move(code);
}

}  // namespace countersign
