// SPDX-License-Identifier: Apache-2.0
#include "daemon/pam/account.h"

#include <syslog.h>

#include <algorithm>

#include "core/base/text.h"
#include "daemon/pam/daemon.h"
#include "daemon/pam/unix_account.h"

namespace countersign::pam {
namespace {

// T19: local logins, cron and root go on; remote users need the daemon.
Result<Outcome> without_answer(const Handle& pam, const Options& options,
                               const UnixAccount& account, bool remote, const Error& error) {
  const bool refused = error.code == Code::unavailable;
  if (remote && account.uid != 0 && !(options.fail_open && refused))
    return fail(Code::unavailable, error.what);
  pam.log(LOG_WARNING, "not checked whether " + escape_text(account.name) +
                           " is suspended: " + escape_text(error.what));
  return Outcome::let_through;
}

}  // namespace

Result<api::AccountState> account_state(const Options& options, const std::string& account,
                                        const Deadline& deadline) {
  const std::string target = "/v1/accounts/" + client::percent_encode(account);
  return Daemon(options.socket).get<api::AccountState>(target, deadline);
}

Result<Outcome> check_account(const Handle& pam, const Options& options) {
  const auto typed = TRY(pam.user());
  const auto host = TRY(pam.item(PAM_RHOST));
  const auto account = TRY(unix_account(typed));
  if (!account) return Outcome::let_through;  // pam_unix refuses unknown accounts
  const std::string& name = account->name;
  if (pam.noted_passed() == name) return Outcome::let_through;
  const auto state =
      account_state(options, name, Deadline::in(std::min(options.timeout, short_wait)));
  if (!state) return without_answer(pam, options, *account, !host.empty(), state.error());
  if (!state->suspended) return Outcome::let_through;
  pam.log(LOG_NOTICE, escape_text(name) + " denied: suspended");
  pam.tell_error("This account is suspended; ask your administrator");
  return Outcome::denied;
}

}  // namespace countersign::pam
