// SPDX-License-Identifier: Apache-2.0
#include "daemon/pam/account.h"

#include <syslog.h>

#include "core/text.h"
#include "daemon/api/types.h"
#include "daemon/pam/daemon.h"

namespace countersign::pam {

Result<Outcome> check_account(const Handle& pam, const Options& options) {
  const auto user = pam.user();
  if (!user) return std::unexpected(user.error());
  const auto view = Daemon(options.socket).get<api::UserView>("/v1/users/" + client::percent_encode("login:" + *user), Deadline::in(options.timeout));
  if (!view) {
    if (view.error().code == Code::not_found) return Outcome::let_through;  // a definite answer: policy says what becomes of them at sign-in
    if (!options.fail_open || view.error().code != Code::unavailable) return std::unexpected(view.error());
    pam.log(LOG_WARNING, "failmode=allow: the account " + *user + " is not looked at: " + escape_text(view.error().what));
    return Outcome::let_through;
  }
  if (!view->suspended) return Outcome::let_through;
  pam.log(LOG_NOTICE, *user + " denied: suspended");
  pam.tell_error("This account is suspended; ask your administrator");
  return Outcome::denied;
}

}  // namespace countersign::pam
