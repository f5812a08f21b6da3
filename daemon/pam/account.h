// SPDX-License-Identifier: Apache-2.0
// What the account phase asks: it runs also where the authentication phase did not (a public key over ssh, cron, su of root).
#pragma once

#include "daemon/pam/authentication.h"

namespace countersign::pam {

// denied: the user is suspended. let_through: nothing is known against the account, the auth phase
// has asked already, or there is no answer within short_wait and the account is uid 0's or nobody
// comes from afar. unavailable: no answer, for a remote user. It never verifies and never enrols.
[[nodiscard]] Result<Outcome> check_account(const Handle& pam, const Options& options);

}  // namespace countersign::pam
