// SPDX-License-Identifier: Apache-2.0
// A Yubico OTP whose secret others know: the question to their servers (validation protocol 2.0),
// and what an answer is worth. No I/O.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/secret.h"

namespace countersign::otp_validation {

// Who asks, for all of the servers: the client's number and its HMAC-SHA1 key, which signs both
// directions.
struct Service {
  std::int64_t client = 0;
  Secret key;
};

struct Question {
  std::string otp;    // modhex, lower case
  std::string nonce;  // fresh and random: 16 to 40 letters and digits
};
// What follows the "?": asks for the counters, too; signed.
[[nodiscard]] std::string query_text(const Service& service, const Question& question);

enum class Said {
  nothing,  // no answer, one that is not theirs, not to this question, or not about this OTP
  accepted,
  replayed,  // used before
  refused,   // no OTP of that key
};
struct Answer {
  Said said = Said::nothing;
  std::int64_t counter = 0;  // accepted: power-ups * 256 + OTPs since then, as yubico_otp counts
};
// Accepted only with the service's signature, this nonce, this OTP, and counters within their
// ranges.
[[nodiscard]] Answer judge(const Service& service, const Question& question,
                           std::string_view answer);

}  // namespace countersign::otp_validation
