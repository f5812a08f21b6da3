// SPDX-License-Identifier: Apache-2.0
#include "core/authenticator.h"

#include <utility>

#include "core/base/text.h"

namespace countersign {

bool guessable(Kind kind) {
  switch (kind) {
    case Kind::totp:
    case Kind::hotp:
    case Kind::sms:
    case Kind::email:
    case Kind::backup_codes:
    case Kind::temporary_code:
      return true;
    case Kind::fido2:
    case Kind::piv:
    case Kind::openpgp:
    case Kind::yubico_otp:
    case Kind::hmac:
      return false;
  }
  std::unreachable();
}

Result<void> validate(const OathParameters& parameters, Kind kind) {
  if (parameters.digits < 6 || parameters.digits > 8)
    return fail(Code::invalid, "digits must be 6, 7 or 8");
  if (kind == Kind::totp && (parameters.period < 5 || parameters.period > 300))
    return fail(Code::invalid, "period must be 5 to 300 seconds (phones expect 30)");
  if (kind == Kind::totp && parameters.epoch < 0)
    return fail(Code::invalid, "the time at which TOTP steps begin can't lie before 1970");
  return {};
}

Result<void> validate_label(std::string_view label) {
  return require_plain_text("label", label, 256);
}
Result<void> validate_serial(std::string_view serial) {
  return require_plain_text("serial", serial, 64);
}

}  // namespace countersign
