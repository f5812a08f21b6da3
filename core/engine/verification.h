// SPDX-License-Identifier: Apache-2.0
// From a typed code to a verdict. One of the five places that make a verified one
// (verdict_maker.h), each after its commit.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "core/caller.h"
#include "core/code.h"
#include "core/engine/context.h"
#include "core/engine/otp_elsewhere.h"
#include "core/verdict.h"

namespace countersign::engine {

struct VerifyCode {
  Caller caller;
  std::string user;  // the name, as asked for; need not exist
  TypedCode code;
  std::optional<KindSet> kinds = {};  // that may answer: what a sign-in offers; none: all
  std::string challenge = {};  // of the code that was sent (sent_codes.h): only that one is tried then; empty: all that a person has
  bool sent_too = false;       // without it: also the code that was sent to them for this caller
  std::string bound_to = {};   // the sign-in that the code was sent for
  std::shared_ptr<const OtpEvidence> evidence = {};  // a YubiKey's OTP that others validate
};

// Codes that need a slow hash: the caller runs verify() for these on a worker thread.
[[nodiscard]] inline bool slow(const TypedCode& code) { return code.form == CodeForm::backup; }

// Tries the code on the user's authenticators, in the order they were bound. The verdict comes after its commit:
// an accept was durable before, a denial is recorded too (under throttle only counted). Whatever fails, denies.
void verify(Context& context, VerifyCode request, std::move_only_function<void(Verdict)> then);

}  // namespace countersign::engine
