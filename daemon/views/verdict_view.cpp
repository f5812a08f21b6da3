// SPDX-License-Identifier: Apache-2.0
#include "daemon/views/verdict_view.h"

#include <utility>

#include "core/webauthn/steps.h"

namespace countersign::routes {

api::VerifyResult to_wire(const Verdict& verdict, std::string user, bool tell) {
  const bool about_token =
      verdict.reason() == Reason::no_token || verdict.reason() == Reason::timed_out ||
      verdict.reason() == Reason::cancelled || verdict.reason() == Reason::token_failed;
  api::VerifyResult result{.reason = std::string(verdict.why()),
                           .user = std::move(user),
                           .authenticator = {},
                           .kind = {}};
  if (verdict.verified()) {
    result.verdict = "verified";
    result.reason.clear();
    if (verdict.authenticator()) result.authenticator = to_text(verdict.authenticator());
    result.kind = verdict.kind();
    result.amr = verdict.amr();
    result.aal = verdict.aal();
  } else if (tell) {
    result.retry_at = verdict.retry_at();
    if (const auto advice = webauthn::advice_on(result.reason); !advice.empty())
      result.advice = advice;
  } else if (!about_token) {
    result.reason = to_name(Reason::denied);
  }
  return result;
}

}  // namespace countersign::routes
