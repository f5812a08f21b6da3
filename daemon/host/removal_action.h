// SPDX-License-Identifier: Apache-2.0
// What happens when the token that a login rests on is pulled out.
#pragma once

#include <string>

#include "core/base/result.h"
#include "daemon/tokens/removal.h"

namespace countersign {

// What `on_remove` says is to be done: "lock-session", or the path of a program, which is run with
// user, login session and device as its arguments, without a shell. Takes at most ten seconds, on
// the caller's thread. The error says what did not work.
[[nodiscard]] Result<void> act_on_removal(const std::string& on_remove,
                                          const tokens::Removal::Gone& gone,
                                          const std::string& login);

}  // namespace countersign
