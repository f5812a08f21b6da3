// SPDX-License-Identifier: Apache-2.0
// The exit codes that scripts rely on (countersign(1), EXIT STATUS).
#pragma once

#include <utility>

#include "core/base/result.h"

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
  switch (code) {
    case Code::invalid:
      return Exit::usage;
    case Code::not_found:
    case Code::exists:
      return Exit::missing_or_there;
    case Code::not_permitted:
    case Code::fresh_needed:
      return Exit::not_permitted;
    case Code::timed_out:
    case Code::cancelled:
      return Exit::no_token;
    case Code::conflict:
    case Code::exhausted:
    case Code::unavailable:
    case Code::corrupt:
    case Code::internal:
      return Exit::other;
  }
  std::unreachable();
}

}  // namespace countersign::cli
