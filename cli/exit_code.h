// SPDX-License-Identifier: Apache-2.0
// The exit codes that scripts rely on (countersign(1), EXIT STATUS).
#pragma once

#include "core/base/result.h"
#include "daemon/api/error_codes.h"

namespace countersign::cli {

enum class Exit : int {
  done = 0,  // or verified
  denied = 1,
  usage = 2,
  unreachable = 3,  // no daemon
  no_token = 4,     // or timeout, or cancelled
  not_permitted = 5,
  missing_or_there = 6,  // no such thing, or already there
  other = 7,
  says_verify = 10,  // a sign-in
  says_enroll = 11,
};

[[nodiscard]] constexpr Exit exit_for(Code code) {
  return static_cast<Exit>(api::error_code(code).exit_status);
}

}  // namespace countersign::cli
