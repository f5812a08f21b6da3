// SPDX-License-Identifier: Apache-2.0
// Verifying what a YubiKey typed (factors/yubico_otp.h). It can't be guessed, so no throttle counts
// it; its public id says whose it is.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/caller.h"
#include "core/engine/context.h"
#include "core/engine/verification/otp_elsewhere.h"
#include "core/factors/yubico_otp.h"
#include "core/verdict.h"

namespace countersign::engine {

struct VerifyOtp {
  Caller caller;
  std::optional<std::string> user = {};  // the name; none: the public id says who it is
  Secret typed;
  // Kept with the accepted OTP: tells a request that comes twice from an OTP that does (wsapi).
  std::uint32_t tag = 0;
  // Of the servers, for a key that they know (otp_elsewhere.h); without it that one is denied.
  std::shared_ptr<const OtpEvidence> evidence = {};
};

struct OtpVerdict {
  Verdict verdict;
  yubico_otp::Moment moment;  // what the key said; where the verdict is verified or used_code
  // used_code, and it is the very OTP that was accepted last: the tag that it came with.
  std::optional<std::uint32_t> tag_before;
};

// The verdict comes after its commit. Of many with the same OTP exactly one is verified, whatever
// their tags (T02).
void verify_otp(Context& context, VerifyOtp request,
                std::move_only_function<void(OtpVerdict)> then);

}  // namespace countersign::engine
