// SPDX-License-Identifier: Apache-2.0
#include "daemon/routes/enrollment_view.h"

#include "core/encoding/base32.h"
#include "core/formats/otpauth.h"
#include "daemon/api/authenticators.h"

namespace countersign::routes {

Result<api::EnrollResult> to_wire(const Services& services, std::string user,
                                  engine::Enrollment enrollment) {
  api::EnrollResult result{.id = std::move(enrollment.id),
                           .user = std::move(user),
                           .kind = enrollment.kind,
                           .status = enrollment.pending ? "pending" : "active",
                           .secret = {},
                           .codes = {},
                           .algorithm = {},
                           .digits = {},
                           .period = {},
                           .expires = enrollment.expires};
  if (enrollment.kind == Kind::backup_codes) {
    result.codes = std::move(enrollment.codes);
    return result;
  }
  if (enrollment.kind == Kind::yubico_otp) return result;
  const bool oath = enrollment.kind == Kind::totp || enrollment.kind == Kind::hotp;
  if (oath) {
    result.algorithm = enrollment.oath.algorithm;
    result.digits = enrollment.oath.digits;
  }
  if (enrollment.kind == Kind::totp) result.period = enrollment.oath.period;
  if (enrollment.secret.empty()) return result;
  if (oath)
    result.otpauth = TRY(formats::make_otpauth(
        {.issuer = services.context.rules.issuer, .account = result.user}, enrollment.kind,
        enrollment.oath, enrollment.counter, enrollment.secret));
  result.secret = formats::base32_encode(enrollment.secret.expose());
  return result;
}

api::EnrollResult to_wire(SentTo sent) {
  api::EnrollResult result{.id = std::move(sent.challenge),
                           .user = std::move(sent.user),
                           .kind = sent.kind,
                           .status = "pending",
                           .secret = {},
                           .codes = {},
                           .algorithm = {},
                           .digits = {},
                           .period = {}};
  result.expires = sent.expires;
  result.to = std::move(sent.masked);
  return result;
}

}  // namespace countersign::routes
