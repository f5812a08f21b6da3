// SPDX-License-Identifier: Apache-2.0
// The second factor of one sign-in: what is asked, whom it is told, what comes of it.
#pragma once

#include "core/base/result.h"
#include "daemon/pam/handle.h"
#include "daemon/pam/options.h"

namespace countersign::pam {

// What doing nothing gives is the first.
enum class Outcome {
  denied,
  verified,     // the daemon said so, of this user
  admitted,     // without a verification, where first=publickey holds: sshd has checked the first
                // factor
  let_through,  // without a verification: the other modules decide (PAM_IGNORE)
};

[[nodiscard]] Result<Outcome> authenticate(const Handle& pam, const Options& options);

}  // namespace countersign::pam
