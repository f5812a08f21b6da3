// SPDX-License-Identifier: Apache-2.0
#include "core/engine/grounds/grounds.h"

#include <algorithm>

#include "core/engine/grounds/bootstrap.h"
#include "core/engine/grounds/permits.h"
#include "core/engine/lookup.h"
#include "core/engine/sign_in_shared.h"
#include "core/policy/decide.h"

namespace countersign::engine {
namespace {

const Authenticator* one_of(const UserRecord& record, AuthenticatorId id) {
  const auto found = std::ranges::find(record.authenticators, id, &Authenticator::id);
  return found == record.authenticators.end() ? nullptr : &*found;
}

// What its owner verified with must still be there, and a temporary code binds one authenticator
// alone.
Result<void> use_up(Context& context, Change& change, const UserRecord& record,
                    AuthenticatorId by) {
  if (!by) return {};
  const Authenticator* with = one_of(record, by);
  if (with == nullptr || with->status != Status::active)
    return fail(Code::not_permitted,
                "the authenticator that you verified with has ended meanwhile; nothing was "
                "enrolled. Begin again");
  if (with->kind != Kind::temporary_code) return {};
  Authenticator ended = *with;
  ended.status = Status::revoked;
  ended.ended = context.clock.read().now;
  change.writes.emplace_back(std::move(ended));
  return {};
}

}  // namespace

Result<Grounds> grounds_after(Context& context, const UserRecord& record,
                              AuthenticatorId verified_with) {
  const Authenticator* by = one_of(record, verified_with);
  if (by == nullptr)
    return Grounds{.basis = Basis::first_factor(),
                   .by = {}};  // a code that was sent to what is on file
  Result<Basis> basis = basis_of(context, *by);
  if (!basis) return std::unexpected(basis.error());
  if (by->kind != Kind::temporary_code && basis->serves()) basis = Basis::verified_sign_in();
  return Grounds{.basis = std::move(*basis), .by = by->id};
}

Result<Grounds> grounds_after(Context& context, const std::string& user, const Verdict& verdict) {
  const auto record = TRY(user_named(context, user));
  return grounds_after(context, *record, verdict.authenticator());
}

namespace {

// Between begin and now the owner may have changed.
Result<void> still_may(Context& context, const UserRecord& record,
                       const Authenticator& authenticator, const Grounds& grounds) {
  const User& user = record.user;
  const bool by_oneself = grounds.by || grounds.first;
  if (by_oneself && user.suspended)
    return fail(Code::not_permitted, "the user is suspended; nothing was enrolled");
  if (authenticator.created < user.admitted)
    return fail(Code::not_permitted,
                "the user was reset meanwhile; nothing was enrolled. Begin again");
  if (!grounds.first) return {};
  const auto in_force = context.sign_ins.policies.now();
  const Policy& policy = policy_for(in_force->policies, user.audience);
  // An administrator may have entered a number or address meanwhile: that is a factor, too.
  const bool on_file = !usable_factors({.policy = policy,
                                        .user = &user,
                                        .authenticators = record.authenticators,
                                        .sendable = context.rules.sendable,
                                        .now = context.clock.read().now})
                            .empty();
  if (on_file || had_factor(policy, user, record.authenticators))
    return fail(Code::not_permitted,
                "another authenticator was enrolled meanwhile: verify with that one to add more. "
                "Nothing was enrolled");
  return {};
}

// What it serves as by now.
Result<Basis> settled(Context& context, const User& owner, const Basis& basis) {
  if (basis == Basis::bootstrap()) {
    // What bootstrap permitted and is bound only now, when it is over, nobody with a factor has
    // vouched for.
    const bool over = TRY(bootstrap_over(context));
    return over ? Basis::first_factor() : basis;
  }
  const bool vouched = TRY(still_vouched(context, basis, owner.role));
  return vouched ? basis : Basis::first_factor();
}

}  // namespace

Result<void> bind(Context& context, Change& change, const Caller& caller, const UserRecord& record,
                  Authenticator authenticator, const Grounds& grounds, audit::Event event) {
  TRY(still_may(context, record, authenticator, grounds));
  TRY(use_up(context, change, record, grounds.by));
  authenticator.basis = grounds.basis;
  if (!grounds.permit.empty()) {
    Basis basis = TRY(spend_permit(context, change, caller,
                                   {.id = grounds.permit,
                                    .kind = std::string(to_name(authenticator.kind)),
                                    .row = record.user.name}));
    authenticator.basis = std::move(basis);
  }
  Basis basis = TRY(settled(context, record.user, authenticator.basis));
  authenticator.basis = std::move(basis);
  event.details.emplace_back("rests_on", authenticator.basis.text());
  change.events.push_back(std::move(event));
  change.writes.emplace_back(std::move(authenticator));
  return {};
}

}  // namespace countersign::engine
