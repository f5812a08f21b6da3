// SPDX-License-Identifier: Apache-2.0
// The account phase. It also runs where the auth phase did not: a public key over ssh, cron,
// root's su.
#pragma once

#include <string>

#include "core/base/deadline.h"
#include "daemon/api/accounts.h"
#include "daemon/pam/authentication.h"

namespace countersign::pam {

// What the daemon knows about an account outside of a sign-in.
[[nodiscard]] Result<api::AccountState> account_state(const Options& options,
                                                      const std::string& account,
                                                      const Deadline& deadline);

// denied: the user is suspended. let_through: the user is not, the auth phase has asked already, or
// there is no answer within short_wait and the user is root or local. unavailable: no answer, and
// the user is remote. Never verifies, never enrols.
[[nodiscard]] Result<Outcome> check_account(const Handle& pam, const Options& options);

}  // namespace countersign::pam
