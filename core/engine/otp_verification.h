// SPDX-License-Identifier: Apache-2.0
// Verifying what a YubiKey typed (factors/yubico_otp.h). It can't be guessed, so it knows no throttle; its public id says whose it is.
#pragma once

#include <optional>
#include <string>

#include "core/caller.h"
#include "core/engine/context.h"
#include "core/engine/otp_elsewhere.h"
#include "core/factors/yubico_otp.h"
#include "core/verdict.h"

namespace countersign::engine {

struct VerifyOtp {
  Caller caller;
  std::optional<std::string> user;  // the name; nothing: the public id says who it is
  Secret typed;
  std::uint32_t tag = 0;  // kept with the accepted OTP: what tells a request that comes twice from an OTP that does (wsapi)
  std::shared_ptr<const OtpEvidence> evidence = {};  // of the servers, for a key that they know (otp_elsewhere.h); without it that one is denied
};

struct OtpVerdict {
  Verdict verdict;
  yubico_otp::Moment moment;               // what the key said; where the verdict is verified or used_code
  std::optional<std::uint32_t> tag_before;  // used_code, and it is the very OTP that was accepted last: the tag it came with
};

// The verdict comes after its commit. Exactly one of many with the same OTP is verified, whatever their tags (T02).
void verify_otp(Context& context, VerifyOtp request, std::move_only_function<void(OtpVerdict)> then);

}  // namespace countersign::engine
