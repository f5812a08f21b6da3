// SPDX-License-Identifier: Apache-2.0
#include "core/engine/grounds/bootstrap.h"

#include "core/engine/apply.h"
#include "core/engine/events.h"
#include "core/engine/lookup.h"

namespace countersign::engine {
namespace {

constexpr const char* bootstrap_setting = "bootstrap";
constexpr std::string_view closed = "closed";

bool says_closed(const Setting& setting) { return as_text(setting.value) == closed; }

// The change that ends it: made from the setting as it was read.
Change closing(Context& context, const Caller& caller, Setting setting, const Basis& basis,
               std::string_view because) {
  const BytesView value = as_bytes(closed);
  setting.value.assign(value.begin(), value.end());
  Change change;
  change.writes.emplace_back(std::move(setting));
  change.events.push_back(event_of(context, caller, "bootstrap.close"));
  change.events.back().details.emplace_back("because", because);
  if (!basis.text().empty()) change.events.back().details.emplace_back("rests_on", basis.text());
  return change;
}

Result<bool> holds_one_that_serves(Context& context, UserId user) {
  const auto record = TRY(context.store.user_by_id(user));
  for (const Authenticator& each : record->authenticators) {
    if (each.kind == Kind::temporary_code) continue;
    const auto basis = TRY(basis_of(context, each));
    if (basis.serves()) return true;
  }
  return false;
}

Result<bool> an_administrator_holds_one(Context& context) {
  UserFilter filter{.role = Role::admin};
  while (true) {
    const auto page = TRY(context.store.users(filter));
    for (const UserSummary& each : page) {
      if (each.ever == 0) continue;
      const auto holds = holds_one_that_serves(context, each.user.id);
      if (!holds || *holds) return holds;
    }
    if (page.size() < filter.limit) return false;
    filter.after = page.back().user.name;
  }
}

}  // namespace

Result<bool> still_vouched(Context& context, const Basis& basis, Role concerned) {
  const auto name = basis.verified_by();
  if (!name) return true;
  const auto record = context.store.user_by_name(std::string(*name));
  if (!record && record.error().code == Code::not_found) return true;  // renamed since
  if (!record) return std::unexpected(record.error());
  const User& user = (*record)->user;
  const bool lesser = user.role == Role::helpdesk || user.role == Role::auditor;
  return !user.suspended && (concerned == Role::user || !lesser);
}

Result<Basis> basis_of(Context& context, const Authenticator& authenticator) {
  if (!authenticator.basis.text().empty() || !authenticator.import) return authenticator.basis;
  const auto import = TRY(context.store.import(authenticator.import));
  return import.basis;
}

Result<bool> bootstrap_over(Context& context) {
  Setting setting = TRY(setting_or_new(context, bootstrap_setting));
  if (says_closed(setting)) return true;
  const Result<bool> holds = an_administrator_holds_one(context);
  if (!holds || !*holds) return holds;
  Change change =
      closing(context, {}, std::move(setting), {},
              "an administrator has an authenticator that counts for fresh verifications");
  change.events.back().actor = "daemon";
  // Queued before whatever is asked for now, and so applied before it.
  context.store.commit(std::move(change), [](const Result<Applied>&) {});
  return true;
}

void close_bootstrap(Context& context, Caller caller, Basis basis, Then<std::monostate> then) {
  apply<std::monostate>(
      context,
      [&context, caller = std::move(caller),
       basis = std::move(basis)]() -> Result<Prepared<std::monostate>> {
        Setting setting = TRY(setting_or_new(context, bootstrap_setting));
        if (says_closed(setting)) return Prepared<std::monostate>{.change = {}, .answer = {}};
        return Prepared<std::monostate>{
            .change = closing(context, caller, std::move(setting), basis, "asked for"),
            .answer = {}};
      },
      std::move(then));
}

}  // namespace countersign::engine
