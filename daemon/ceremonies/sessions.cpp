// SPDX-License-Identifier: Apache-2.0
// Login sessions that a sign-in became. PAM makes the session after the verification, so the two
// are joined here.
#include "daemon/ceremonies/sessions.h"

#include "core/engine/lookup.h"
#include "core/engine/sign_in/sign_in.h"
#include "core/engine/sign_in_shared.h"
#include "daemon/api/problem.h"
#include "daemon/api/sign_in.h"

namespace countersign::routes {
namespace {

using http::Method;
using http::Privilege;

struct SessionBegin {
  std::string session, sign_in;
  static api::Fields fields() {
    return {api::Field{"session", &SessionBegin::session,
                       "The login session at this machine's own seat", 64},
            api::Field{"sign_in", &SessionBegin::sign_in, "Id of the sign-in that it followed from",
                       64}};
  }
};

// Grace begins with the session, if policy gives any. A sign-in in which nobody verified gives
// none.
Result<api::Nothing> begin(Services& services, const http::Call& call,
                           const SessionBegin& request) {
  engine::Context& context = services.context;
  if (request.session.empty()) return std::unexpected(api::field_error("session", "is empty"));
  const auto shown = TRY(engine::show_sign_in(context, call.caller, request.sign_in));
  if (shown.decided.decision != Decision::allow || shown.decided.because != Because::verified)
    return api::Nothing{};
  const auto record = TRY(engine::user_named(context, shown.user));
  const auto in_force = context.sign_ins.policies.now();
  if (policy_for(in_force->policies, record->user.audience).grace.hours > 0)
    context.sign_ins.graces.grant(request.session, record->user.id, context.clock.moment());
  return api::Nothing{};
}

}  // namespace

http::Route session_begin_route(Services& services) {
  return http::make_route<SessionBegin, api::Nothing>(
      {.method = Method::post,
       .path = "/v1/sessions",
       .privilege = Privilege::admin,
       .summary = "Root's PAM: a sign-in became a login session; grace counts in it",
       .failures = {Code::not_found},
       .handle = [&services](const http::Call& call, const SessionBegin& request, auto then) {
         then(begin(services, call, request));
       }});
}

}  // namespace countersign::routes
