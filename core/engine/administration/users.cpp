// SPDX-License-Identifier: Apache-2.0
#include "core/engine/administration/users.h"

#include <memory>
#include <set>
#include <utility>

#include "core/base/fold.h"
#include "core/engine/apply.h"
#include "core/engine/events.h"
#include "core/engine/grounds/bootstrap.h"
#include "core/engine/lookup.h"
#include "core/engine/recipients.h"

namespace countersign::engine {
namespace {

// Says which of the unique fields is taken. A store that can't tell is an error, not "free".
Result<void> require_free(Context& context, const User& user, bool name, bool login) {
  if (name) {
    const auto like = TRY(context.store.names_like(user.name));
    for (const std::string& each : like) {
      const auto other = context.store.user_by_name(each);
      if (!other && other.error().code != Code::not_found) return std::unexpected(other.error());
      if (other && (*other)->user.id != user.id)
        return fail(Code::exists, "there is a user '" + each + "' already");
    }
  }
  if (login && !user.login.empty()) {
    const auto other = context.store.user_by_login(user.login);
    if (other)
      return fail(Code::exists,
                  "the login '" + user.login + "' belongs to user '" + (*other)->user.name + "'");
    if (other.error().code != Code::not_found) return std::unexpected(other.error());
  }
  return {};
}

audit::Event user_event(Context& context, const Caller& caller, std::string action,
                        const std::string& name) {
  audit::Event event = event_of(context, caller, std::move(action));
  event.user = name;
  return event;
}

// Sets one field and notes which: the audit names what changed, contact data itself stays out of
// it.
template <class T>
void set(T& field, const std::optional<T>& wanted, std::string_view name, std::string& changed) {
  if (!wanted || field == *wanted) return;
  field = *wanted;
  changed += (changed.empty() ? "" : ",") + std::string(name);
}

std::string apply_to(User& user, const UserChange& wanted) {
  std::string changed;
  set(user.name, wanted.name, "name", changed);
  set(user.display_name, wanted.display_name, "display_name", changed);
  set(user.audience, wanted.audience, "audience", changed);
  set(user.location, wanted.location, "location", changed);
  set(user.phone, wanted.phone, "phone", changed);
  set(user.email, wanted.email, "email", changed);
  set(user.login, wanted.login, "login", changed);
  set(user.role, wanted.role, "role", changed);
  set(user.suspended, wanted.suspended, "suspended", changed);
  set(user.service_account, wanted.service_account, "service_account", changed);
  return changed;
}

// Somebody gets a role. What the helpdesk vouched for, or what rests on that, was good for a user
// without one: temporary codes end, and authenticators serve once an administrator has confirmed
// them.
Result<void> look_again_at_factors(Context& context, Change& change, const UserRecord& record) {
  for (Authenticator each : record.authenticators) {
    if (each.status == Status::revoked) continue;
    if (each.kind == Kind::temporary_code) {
      each.status = Status::revoked;
      each.ended = context.clock.read().now;
    } else {
      const auto basis = TRY(basis_of(context, each));
      const auto vouched = TRY(still_vouched(context, basis, Role::admin));
      if (vouched && basis != Basis::verified_sign_in()) continue;
      each.basis = Basis::first_factor();
    }
    change.writes.emplace_back(std::move(each));
  }
  return {};
}

void note_basis(audit::Event& event, const Basis& basis) {
  if (!basis.text().empty()) event.details.emplace_back("rests_on", basis.text());
}

}  // namespace

bool plain(const User& user) {
  const User bare;
  return user.role == bare.role && user.audience == bare.audience && user.login.empty() &&
         user.phone.empty() && user.email.empty() && !user.service_account;
}

void add_user(Context& context, Caller caller, User user, Basis basis, Then<User> then) {
  if (auto held = validate(user); !held) return then(std::unexpected(held.error()));
  user.id = context.ids.make<UserId>();
  user.generation = 0;
  apply<User>(
      context,
      [&context, caller = std::move(caller), user = std::move(user),
       basis = std::move(basis)]() mutable -> Result<Prepared<User>> {
        TRY(require_free(context, user, true, true));
        user.created = context.clock.read().now;
        Change change;
        change.writes.emplace_back(user);
        change.events.push_back(user_event(context, caller, "user.add", user.name));
        if (user.role != Role::user)
          change.events.back().details.emplace_back("role", to_name(user.role));
        note_basis(change.events.back(), basis);
        return Prepared<User>{.change = std::move(change), .answer = user};
      },
      std::move(then));
}

void change_user(Context& context, Caller caller, std::string name, UserChange wanted,
                 Then<User> then) {
  apply<User>(
      context,
      [&context, caller = std::move(caller), name = std::move(name),
       wanted = std::move(wanted)]() -> Result<Prepared<User>> {
        const auto record = TRY(user_named(context, name));
        User user = record->user;
        const std::string name_before = user.name, login_before = user.login;
        const std::string changed = apply_to(user, wanted);
        TRY(validate(user));
        TRY(require_free(context, user, user.name != name_before, user.login != login_before));
        if (changed.empty()) return Prepared<User>{.change = {}, .answer = std::move(user)};
        Change change;
        change.events.push_back(user_event(context, caller, "user.set", name));
        change.events.back().details.emplace_back("changed", changed);
        if (user.name != name_before) change.events.back().details.emplace_back("name", user.name);
        if (wanted.role) change.events.back().details.emplace_back("role", to_name(user.role));
        note_basis(change.events.back(), wanted.basis);
        if (wanted.suspended)
          change.events.back().details.emplace_back("suspended", user.suspended ? "yes" : "no");
        note_old_address(context, change.events.back(), record->user, user);
        if (record->user.role == Role::user && user.role != Role::user)
          TRY(look_again_at_factors(context, change, *record));
        change.writes.emplace_back(user);
        end_old_recipients(change, *record, user, context.clock.read().now);
        return Prepared<User>{.change = std::move(change), .answer = std::move(user)};
      },
      std::move(then));
}

void reset_user(Context& context, Caller caller, std::string name, Basis basis, Then<int> then) {
  apply<int>(
      context,
      [&context, caller = std::move(caller), name = std::move(name),
       basis = std::move(basis)]() -> Result<Prepared<int>> {
        const auto record = TRY(user_named(context, name));
        const Time now = context.clock.read().now;
        Change change;
        for (Authenticator authenticator : record->authenticators) {
          if (authenticator.status == Status::revoked) continue;
          authenticator.status = Status::revoked;
          authenticator.ended = now;
          change.writes.emplace_back(std::move(authenticator));
        }
        const int revoked = static_cast<int>(change.writes.size());
        User user = record->user;
        user.skipped = {};
        user.admitted = now;
        change.writes.emplace_back(std::move(user));
        Throttle throttle = record->throttle;
        reopen(throttle);
        if (throttle != record->throttle) change.writes.emplace_back(std::move(throttle));
        change.events.push_back(user_event(context, caller, "user.reset", name));
        change.events.back().details.emplace_back("revoked", std::to_string(revoked));
        note_address(context, change.events.back(), record->user);
        note_basis(change.events.back(), basis);
        return Prepared<int>{.change = std::move(change), .answer = revoked};
      },
      std::move(then));
}

void unskip_user(Context& context, Caller caller, std::string name, Then<std::monostate> then) {
  apply<std::monostate>(
      context,
      [&context, caller = std::move(caller),
       name = std::move(name)]() -> Result<Prepared<std::monostate>> {
        const auto record = TRY(user_named(context, name));
        Change change;
        if (record->user.skipped == Time{})
          return Prepared<std::monostate>{.change = {}, .answer = {}};
        User user = record->user;
        user.skipped = {};
        change.writes.emplace_back(std::move(user));
        change.events.push_back(user_event(context, caller, "user.unskip", name));
        return Prepared<std::monostate>{.change = std::move(change), .answer = {}};
      },
      std::move(then));
}

void reopen_user(Context& context, Caller caller, std::string name, Basis basis,
                 Then<std::monostate> then) {
  apply<std::monostate>(
      context,
      [&context, caller = std::move(caller), name = std::move(name),
       basis = std::move(basis)]() -> Result<Prepared<std::monostate>> {
        const auto record = TRY(user_named(context, name));
        Throttle throttle = record->throttle;
        reopen(throttle);
        Change change;
        if (throttle != record->throttle) change.writes.emplace_back(std::move(throttle));
        change.events.push_back(user_event(context, caller, "user.reopen", name));
        note_basis(change.events.back(), basis);
        return Prepared<std::monostate>{.change = std::move(change), .answer = {}};
      },
      std::move(then));
}

void add_users(Context& context, AddUsers request, Then<AddedUsers> then) {
  for (User& user : request.users) user.id = context.ids.make<UserId>();
  auto shared = std::make_shared<AddUsers>(std::move(request));
  apply<AddedUsers>(
      context,
      [&context, shared]() -> Result<Prepared<AddedUsers>> {
        AddedUsers answer;
        Change change;
        std::set<std::string> names;
        std::set<std::string_view> logins;
        const Time now = context.clock.read().now;
        for (std::size_t row = 0; row < shared->users.size(); ++row) {
          const User& user = shared->users[row];
          Result<void> held = validate(user);
          if (held) held = require_free(context, user, true, true);
          if (!held && held.error().code == Code::unavailable) return std::unexpected(held.error());
          if (held && !names.insert(fold_case(user.name)).second)
            held = fail(Code::exists, "the user '" + user.name + "' is in the file twice");
          if (held && !user.login.empty() && !logins.insert(user.login).second)
            held = fail(Code::exists, "the login '" + user.login + "' is in the file twice");
          if (!held) {
            answer.refused.push_back({row, held.error().what});
            continue;
          }
          change.writes.emplace_back(user);
          std::get<User>(change.writes.back()).created = now;
        }
        answer.added = change.writes.size();
        if (shared->dry_run || change.writes.empty())
          return Prepared<AddedUsers>{.change = {}, .answer = std::move(answer)};
        if (!answer.refused.empty() && !shared->partial) {
          answer.added = 0;
          return Prepared<AddedUsers>{.change = {}, .answer = std::move(answer)};
        }
        audit::Event event = event_of(context, shared->caller, "user.import");
        event.details = {{"users", std::to_string(answer.added)},
                         {"first", std::get<User>(change.writes.front()).name},
                         {"last", std::get<User>(change.writes.back()).name}};
        Basis basis =
            TRY(shared->permit ? spend_permit(context, change, shared->caller, *shared->permit)
                               : shared->basis);
        note_basis(event, basis);
        change.events.push_back(std::move(event));
        return Prepared<AddedUsers>{.change = std::move(change), .answer = std::move(answer)};
      },
      std::move(then));
}

}  // namespace countersign::engine
