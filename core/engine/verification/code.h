// SPDX-License-Identifier: Apache-2.0
// Verifying a typed code: TOTP, HOTP, backup codes, temporary codes, and codes that were sent
// (sent_code.h). What a YubiKey types is handed on (yubico_otp.h).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/caller.h"
#include "core/engine/context.h"
#include "core/engine/verification/otp_elsewhere.h"
#include "core/factors/typed_code.h"

namespace countersign::engine {

struct VerifyCode {
  Caller caller;
  std::string user;  // the name, as asked for; need not exist
  TypedCode code;
  std::optional<KindSet> kinds = {};  // that may answer: what a sign-in offers; none: all
  // Of the code that was sent: only that one is tried. Empty: all that a person has.
  std::string challenge = {};
  bool sent_too = false;      // without a challenge: also the code that was sent for this caller
  std::string bound_to = {};  // the sign-in that the code was sent for
  std::shared_ptr<const OtpEvidence> evidence = {};  // a YubiKey's OTP that others validate
};

// Codes that need a slow hash: the caller runs verify() for these on a worker thread.
[[nodiscard]] inline bool slow(const TypedCode& code) { return code.form == CodeForm::backup; }

// Tries the code on the user's authenticators, in the order they were bound; then on codes that
// were sent. The verdict comes after its commit: an accept was durable before, a denial is recorded
// too (under throttle only counted). Whatever fails, denies.
void verify(Context& context, VerifyCode request, ThenVerdict then);

}  // namespace countersign::engine
