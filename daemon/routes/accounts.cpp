// SPDX-License-Identifier: Apache-2.0
// Whether a Unix account's user is suspended: what PAM's account phase asks, by whichever process
// runs it.
#include "daemon/api/accounts.h"
#include "daemon/routes/login_name.h"
#include "daemon/routes/routes.h"

namespace countersign::routes {
namespace {

// A user that is not known answers as one that is not suspended (T32). An error of the store is
// one.
Result<api::AccountState> state_of(Services& services, const std::string& login) {
  const auto record = services.context.store.user_by_name(
      user_named_by(services, std::string(login_prefix) + login));
  if (record) return api::AccountState{.suspended = (*record)->user.suspended};
  if (record.error().code == Code::not_found) return api::AccountState{};
  return std::unexpected(record.error());
}

// By the kernel's word for the caller's own account: a suspended user has no standing, and may ask
// this.
bool may_ask(const http::RawCall& raw, const std::string& login) {
  return raw.peer.login == login || raw.doorkeeper.standing(raw.peer).verifies_others();
}

void answer(Services& services, const http::RawCall& raw, http::Respond respond) {
  const auto request = api::decode<api::AccountRef>(raw.body, raw.texts);
  if (!request) return respond(http::problem(request.error()));
  if (!may_ask(raw, request->login))
    return respond(http::problem(
        {Code::not_permitted, "this is for the account itself, verifiers and administrators"}));
  const auto state = state_of(services, request->login);
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
       .summary = "Says whether the user of a Unix account is suspended",
       .failures = {},
       .handle = {}});
  row.handle = [&services](const http::RawCall& raw, http::Respond respond) {
    answer(services, raw, std::move(respond));
  };
  return {std::move(row)};
}

}  // namespace countersign::routes
