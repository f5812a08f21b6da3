// SPDX-License-Identifier: Apache-2.0
#include "core/engine/administration/users.h"

#include "core/engine/lookup.h"
#include "daemon/api/problem.h"
#include "daemon/api/users.h"
#include "daemon/api/with_fresh.h"
#include "daemon/routes/routes.h"
#include "daemon/services/login_name.h"
#include "daemon/services/rest_on.h"
#include "daemon/views/paging.h"

namespace countersign::routes {
namespace {

using http::Method;
using http::Privilege;
using http::Where;

api::UserView wire_of(const User& user) {
  return {.name = user.name,
          .id = to_text(user.id),
          .display_name = user.display_name,
          .audience = user.audience,
          .location = user.location,
          .phone = user.phone,
          .email = user.email,
          .role = user.role,
          .login = user.login,
          .suspended = user.suspended,
          .created = user.created,
          .skipped = user.skipped == Time{} ? std::nullopt : std::optional(user.skipped),
          .service_account =
              user.service_account ? std::optional(to_text(user.service_account)) : std::nullopt};
}

Result<User> value_of(api::UserCreate request) {
  User user{.name = std::move(request.name)};
  if (request.audience) user.audience = std::move(*request.audience);
  user.display_name = std::move(request.display_name).value_or("");
  user.location = std::move(request.location).value_or("");
  user.phone = std::move(request.phone).value_or("");
  user.email = std::move(request.email).value_or("");
  user.login = std::move(request.login).value_or("");
  user.role = request.role.value_or(Role::user);
  if (request.service_account) {
    auto account = TRY(service_account_from_text(*request.service_account));
    user.service_account = std::move(account);
  }
  return user;
}

Result<std::vector<User>> value_of(const std::vector<api::UserCreate>& rows) {
  std::vector<User> users;
  users.reserve(rows.size());
  for (const api::UserCreate& row : rows) {
    User user = TRY(value_of(row));
    users.push_back(std::move(user));
  }
  return users;
}

// What is given of a user, as a change names it (core/rights.h).
template <class Request>
ChangeParts parts_of(const Request& request) {
  ChangeParts parts;
  const auto add = [&](std::string_view key, const std::optional<std::string>& value) {
    if (value) parts.emplace_back(key, *value);
  };
  if (request.role) parts.emplace_back("role", std::string(to_name(*request.role)));
  add("audience", request.audience);
  add("login", request.login);
  add("phone", request.phone);
  add("email", request.email);
  add("service_account", request.service_account);
  return parts;
}

// Which row of the rights table a change of a user is, and how its text says it.
Rest rest_of(const api::UserSet& request) {
  Rest rest{.deed = Deed::user_describe,
            .subject = request.name,
            .parts = parts_of(request),
            .concerned = request.name};
  if (request.rename) rest.parts.emplace_back("rename", *request.rename);
  if (!rest.parts.empty())
    rest.deed = Deed::user_set;
  else if (request.suspended)
    rest.deed = *request.suspended ? Deed::user_suspend : Deed::user_resume;
  if (request.suspended) rest.parts.emplace_back("suspended", *request.suspended ? "yes" : "no");
  return rest;
}

// The digest of a batch: what its fresh verification, or a permit, is for.
std::string digest_of(const api::UserBatch& request) {
  std::vector<std::string> rows;
  rows.reserve(request.users.size());
  for (const api::UserCreate& user : request.users) rows.push_back(api::encode(user));
  rows.push_back(request.partial.value_or(false) ? "partial" : "all");
  return engine::list_digest(engine::users_permit, rows);
}

Rest rest_of(const api::UserBatch& request, bool grants) {
  if (!grants) return {.deed = Deed::user_add};
  return {.deed = Deed::user_admit,
          .parts = {{"rows", std::to_string(request.users.size())}, {"list", digest_of(request)}}};
}

void add_batch(Services& services, const http::Call& call, api::WithFresh<api::UserBatch> request,
               std::move_only_function<void(Result<api::BatchResult>)> then) {
  engine::AddUsers wanted{.caller = call.caller,
                          .users = {},
                          .dry_run = request.dry_run.value_or(false),
                          .partial = request.partial.value_or(false)};
  Result<std::vector<User>> users = value_of(request.users);
  if (!users) return then(std::unexpected(users.error()));
  const bool grants = !std::ranges::all_of(*users, &engine::plain);
  Rest rest = rest_of(request, grants);
  std::optional<std::string> digest;
  if (grants && wanted.dry_run) digest = digest_of(request);
  if (grants && request.permit) {
    wanted.permit = engine::PermitUse{.id = *request.permit,
                                      .kind = std::string(engine::users_permit),
                                      .row = digest_of(request)};
  } else if (!wanted.dry_run) {
    rest.fresh = request.fresh;
    rest.recovery = request.recovery;
    Result<Basis> basis = rest_on(services, call, std::move(rest));
    if (!basis) return then(std::unexpected(basis.error()));
    wanted.basis = std::move(*basis);
  }
  wanted.users = std::move(*users);
  engine::add_users(services.context, std::move(wanted),
                    [digest = std::move(digest),
                     then = std::move(then)](Result<engine::AddedUsers> added) mutable {
                      if (!added) return then(std::unexpected(added.error()));
                      api::BatchResult result{
                          .accepted = added->added, .refused = {}, .digest = std::move(digest)};
                      for (engine::RowRefused& row : added->refused)
                        result.refused.push_back({row.row, std::move(row.reason)});
                      then(std::move(result));
                    });
}

auto answer_with_user(auto then) {
  return [then = std::move(then)](Result<User> user) mutable {
    if (user)
      then(wire_of(*user));
    else
      then(std::unexpected(user.error()));
  };
}

Result<api::UserView> show(Services& services, const std::string& name) {
  const auto record = TRY(engine::user_named(services.context, user_named_by(services, name)));
  api::UserView view = wire_of(record->user);
  view.factors = 0;
  for (const Authenticator& authenticator : record->authenticators)
    *view.factors += authenticator.status == Status::active ? 1 : 0;
  view.factors_ever = static_cast<int>(record->authenticators.size());
  return view;
}

Result<api::UserPage> list(Services& services, const api::UserQuery& query) {
  const std::size_t limit = TRY(page_limit(query.limit));
  if (query.role == Role::user)
    return fail(Code::invalid,
                "field 'role' must be helpdesk, auditor or admin: everybody else has none");
  const bool without_factor = query.without_factor.value_or(false);
  auto found = TRY(services.context.store.users(
      {.after = query.after.value_or(""),
       .limit = limit,
       .location = query.location,
       .audience = query.audience,
       .without_factor = without_factor,
       .role = query.role,
       .service_accounts = query.service_accounts ? query.service_accounts
                           : without_factor       ? std::optional(false)
                                                  : std::nullopt,
       .search = query.search.value_or("")}));
  api::UserPage page;
  for (const UserSummary& summary : found) {
    page.users.push_back(wire_of(summary.user));
    page.users.back().factors = summary.active;
    page.users.back().factors_ever = summary.ever;
  }
  if (page.users.size() == limit) page.next = page.users.back().name;
  return page;
}

}  // namespace

std::vector<http::Route> user_routes(Services& services) {
  std::vector<http::Route> rows;
  rows.push_back(http::make_route<api::WithFresh<api::UserCreate>, api::UserView>(
      {.method = Method::post,
       .path = "/v1/users",
       .privilege = Privilege::admin,
       .summary = "Adds a user",
       .failures = {Code::exists},
       .handle = [&services](const http::Call& call, api::WithFresh<api::UserCreate> request,
                             auto then) {
         Result<User> user = value_of(request);
         if (!user) return then(std::unexpected(user.error()));
         Result<Basis> basis =
             rest_on(services, call,
                     {.deed = engine::plain(*user) ? Deed::user_add : Deed::user_admit,
                      .subject = request.name,
                      .parts = parts_of(request),
                      .fresh = std::move(request.fresh),
                      .recovery = request.recovery});
         if (!basis) return then(std::unexpected(basis.error()));
         engine::add_user(services.context, call.caller, std::move(*user), std::move(*basis),
                          answer_with_user(std::move(then)));
       }}));
  rows.push_back(http::make_route<api::WithFresh<api::UserBatch>, api::BatchResult>(
      {.method = Method::post,
       .path = "/v1/users/batch",
       .privilege = Privilege::admin,
       .where = Where::worker,
       .summary = "Adds many users, all or none",
       .failures = {Code::conflict},
       .handle = [&services](const http::Call& call, api::WithFresh<api::UserBatch> request,
                             auto then) {
         add_batch(services, call, std::move(request), std::move(then));
       }}));
  rows.push_back(http::make_route<api::UserQuery, api::UserPage>(
      {.method = Method::get,
       .path = "/v1/users",
       .privilege = Privilege::helpdesk,
       .where = Where::worker,
       .summary = "Lists users, a page at a time; with without_factor those who have none",
       .failures = {},
       .handle = [&services](const http::Call&, const api::UserQuery& query, auto then) {
         then(list(services, query));
       }}));
  rows.push_back(http::make_route<api::UserName, api::UserView>(
      {.method = Method::get,
       .path = "/v1/users/{name}",
       .privilege = Privilege::self_or_helpdesk,
       .summary = "Shows one user",
       .failures = {Code::not_found},
       .subject = [](const api::UserName& request) { return request.name; },
       .handle = [&services](const http::Call&, const api::UserName& request,
                             auto then) { then(show(services, request.name)); }}));
  rows.push_back(http::make_route<api::WithFresh<api::UserSet>, api::UserView>(
      {.method = Method::patch,
       .path = "/v1/users/{name}",
       .privilege = Privilege::admin,
       .where = Where::worker,
       .summary = "Changes what is given, keeps the rest",
       .failures = {Code::not_found, Code::exists},
       .handle = [&services](const http::Call& call, api::WithFresh<api::UserSet> request,
                             auto then) {
         Rest rest = rest_of(request);
         rest.fresh = std::move(request.fresh);
         rest.recovery = request.recovery;
         Result<Basis> basis = rest_on(services, call, std::move(rest));
         if (!basis) return then(std::unexpected(basis.error()));
         engine::UserChange wanted{.display_name = std::move(request.display_name),
                                   .audience = std::move(request.audience),
                                   .location = std::move(request.location),
                                   .phone = std::move(request.phone),
                                   .email = std::move(request.email),
                                   .login = std::move(request.login),
                                   .role = request.role,
                                   .suspended = request.suspended,
                                   .name = std::move(request.rename),
                                   .basis = std::move(*basis)};
         if (request.service_account) {
           auto account = service_account_from_text(*request.service_account);
           if (!account) return then(std::unexpected(account.error()));
           wanted.service_account = std::move(*account);
         }
         engine::change_user(services.context, call.caller, std::move(request.name),
                             std::move(wanted), answer_with_user(std::move(then)));
       }}));
  rows.push_back(http::make_route<api::WithFresh<api::UserName>, api::UserReset>(
      {.method = Method::post,
       .path = "/v1/users/{name}/reset",
       .privilege = Privilege::helpdesk,
       .where = Where::worker,
       .summary = "Revokes all authenticators of a user, who then has to enrol again",
       .failures = {Code::not_found, Code::conflict},
       .handle = [&services](const http::Call& call, api::WithFresh<api::UserName> request,
                             auto then) {
         std::string name = request.name;
         Result<Basis> rests = rest_on(services, call,
                                       {.deed = Deed::user_reset,
                                        .subject = name,
                                        .concerned = name,
                                        .fresh = std::move(request.fresh),
                                        .recovery = request.recovery});
         if (!rests) return then(std::unexpected(rests.error()));
         engine::reset_user(
             services.context, call.caller, std::move(request.name), std::move(*rests),
             [name = std::move(name), then = std::move(then)](Result<int> revoked) mutable {
               if (revoked)
                 then(api::UserReset{.user = std::move(name), .revoked = *revoked});
               else
                 then(std::unexpected(revoked.error()));
             });
       }}));
  rows.push_back(http::make_route<api::UserName, api::Nothing>(
      {.method = Method::post,
       .path = "/v1/users/{name}/unskip",
       .privilege = Privilege::self_or_helpdesk,
       .summary = "Forgets that a user chose to skip: the next sign-in asks to enrol again",
       .failures = {Code::not_found, Code::conflict},
       .subject = [](const api::UserName& request) { return request.name; },
       .handle =
           [&services](const http::Call& call, api::UserName request, auto then) {
             engine::unskip_user(services.context, call.caller, std::move(request.name),
                                 answer_nothing(std::move(then)));
           }}));
  rows.push_back(http::make_route<api::WithFresh<api::UserName>, api::Nothing>(
      {.method = Method::post,
       .path = "/v1/users/{name}/reopen",
       .privilege = Privilege::helpdesk,
       .where = Where::worker,
       .summary = "Forgets a user's wrong codes, so that codes are accepted again",
       .failures = {Code::not_found, Code::conflict},
       .handle = [&services](const http::Call& call, api::WithFresh<api::UserName> request,
                             auto then) {
         Result<Basis> basis = rest_on(services, call,
                                       {.deed = Deed::user_reopen,
                                        .subject = request.name,
                                        .concerned = request.name,
                                        .fresh = std::move(request.fresh),
                                        .recovery = request.recovery});
         if (!basis) return then(std::unexpected(basis.error()));
         engine::reopen_user(services.context, call.caller, std::move(request.name),
                             std::move(*basis), answer_nothing(std::move(then)));
       }}));
  return rows;
}

}  // namespace countersign::routes
