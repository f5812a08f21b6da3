// SPDX-License-Identifier: Apache-2.0
// What the account phase asks: it runs also where the authentication phase did not (a public key over ssh, cron, su of root).
#pragma once

#include <string>

#include "core/deadline.h"
#include "daemon/api/accounts.h"
#include "daemon/pam/authentication.h"

namespace countersign::pam {

// What the daemon says of an account, apart from any sign-in.
[[nodiscard]] Result<api::AccountState> account_state(const Options& options,
                                                      const std::string& account,
                                                      const Deadline& deadline);

// denied: the user is suspended. let_through: nothing is known against the account, the auth phase
// has asked already, or there is no answer within short_wait and the account is uid 0's or nobody
// comes from afar. unavailable: no answer, for a remote user. It never verifies and never enrols.
[[nodiscard]] Result<Outcome> check_account(const Handle& pam, const Options& options);

}  // namespace countersign::pam
