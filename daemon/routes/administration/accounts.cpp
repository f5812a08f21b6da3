// SPDX-License-Identifier: Apache-2.0
// What PAM asks about a Unix account, from a process of root's or the user's own.
#include <algorithm>
#include <set>

#include "core/base/fold.h"
#include "core/engine/verification/gate.h"
#include "daemon/api/accounts.h"
#include "daemon/routes/routes.h"
#include "daemon/services/login_name.h"

namespace countersign::routes {
namespace {

// Of those that may answer now: another length would cut the password elsewhere. 6 if there are
// none, as for unknown users.
std::vector<int> code_digits_of(const engine::Context& context, const UserRecord& record) {
  std::set<int> digits;
  for (const Authenticator& each : record.authenticators)
    if ((each.kind == Kind::totp || each.kind == Kind::hotp) &&
        !engine::barred(context, record, each))
      digits.insert(each.oath.digits);
  if (digits.empty()) digits.insert(6);
  return {digits.begin(), digits.end()};
}

// An unknown user looks like one that is not suspended and has no codes (T32).
Result<api::AccountState> state_of(Services& services, const std::string& user) {
  const auto record = services.context.store.user_by_name(user);
  if (record)
    return api::AccountState{.suspended = (*record)->user.suspended,
                             .code_digits = code_digits_of(services.context, **record)};
  if (record.error().code == Code::not_found) return api::AccountState{};
  return std::unexpected(record.error());
}

// The user whose account that is, for callers who may ask. Suspended users have no standing and may
// still ask about their own account, which is the one that the kernel names.
Result<std::string> user_asked_about(const http::RawCall& raw, const std::string& login) {
  const bool own = !raw.peer.login.empty() && fold_case(raw.peer.login) == fold_case(login);
  const bool for_others = raw.doorkeeper.standing(raw.peer).verifies_others();
  if (!own && !for_others)
    return fail(Code::not_permitted,
                "this is for the account itself, verifiers and administrators");
  std::string user = std::string(login_prefix) + (for_others ? login : raw.peer.login);
  TRY(raw.doorkeeper.resolve_user(user, for_others));
  return user;
}

void answer(Services& services, const http::RawCall& raw, http::Respond respond) {
  const auto request = api::decode<api::AccountRef>(raw.body, raw.texts);
  if (!request) return respond(http::problem(request.error()));
  const auto user = user_asked_about(raw, request->login);
  if (!user) return respond(http::problem(user.error()));
  const auto state = state_of(services, *user);
  if (!state) return respond(http::problem(state.error()));
  respond({.status = 200, .body = api::encode(*state)});
}

}  // namespace

std::vector<http::Route> account_routes(Services& services) {
  http::Route row = http::make_route<api::AccountRef, api::AccountState>(
      {.method = http::Method::get,
       .path = "/v1/accounts/{login}",
       .privilege = http::Privilege::anyone,  // about oneself; verifiers and administrators about
                                              // anybody (may_ask)
       .where = http::Where::worker,          // the system's user database may be on the network
       .summary = "Says whether the user of a Unix account is suspended",
       .failures = {},
       .handle = {}});
  row.handle = [&services](const http::RawCall& raw, http::Respond respond) {
    answer(services, raw, std::move(respond));
  };
  return {std::move(row)};
}

}  // namespace countersign::routes
