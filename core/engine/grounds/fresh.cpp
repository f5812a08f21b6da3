// SPDX-License-Identifier: Apache-2.0
#include "core/engine/grounds/fresh.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/crypto/hash.h"
#include "core/encoding/base64url.h"
#include "core/engine/grounds/bootstrap.h"
#include "core/engine/lookup.h"
#include "core/engine/pending/waiting.h"

namespace countersign::engine {
namespace {

constexpr std::size_t most_fresh = 64;

std::string digest_of(const std::string& change) {
  return formats::base64url(crypto::sha256({as_bytes("countersign-fresh-v1\n"), as_bytes(change)}));
}

// What was verified, and for which change.
struct Held {
  std::string digest;  // of the change
  std::string user;
  std::string authenticator;  // that they verified with

  static constexpr std::string_view waits_as = "fresh";
  static std::uint64_t owner(const Caller& caller) {
    return owner_for(caller, "fresh verification");
  }
  static auto fields(auto& h) { return std::tie(h.digest, h.user, h.authenticator); }
};

const Authenticator* authenticator_in(const UserRecord& record, const std::string& id) {
  const auto found = std::ranges::find(record.authenticators, id,
                                       [](const Authenticator& each) { return to_text(each.id); });
  return found == record.authenticators.end() ? nullptr : &*found;
}

// Whether this authenticator may stand behind a change. as_administrator: one that only a basis
// that serves may.
Result<void> require_serving(Context& context, const Authenticator& authenticator,
                             bool as_administrator) {
  if (authenticator.kind == Kind::temporary_code)
    return fail(Code::not_permitted,
                "a temporary code is no fresh verification: enrol an authenticator with it first");
  if (authenticator.status != Status::active)
    return fail(Code::not_permitted,
                "the authenticator that you verified with has ended meanwhile");
  if (!as_administrator) return {};
  const Basis basis = TRY(basis_of(context, authenticator));
  if (basis.serves()) return {};
  return fail(Code::not_permitted,
              "the authenticator " + to_text(authenticator.id) +
                  " does not count for changes like this yet, because nobody has vouched for its "
                  "owner since it was bound (" +
                  (basis.text().empty() ? "no basis" : escape_text(basis.text())) +
                  "). Another administrator, or root, confirms it first: countersign authenticator "
                  "confirm " +
                  to_text(authenticator.id));
}

// Who may verify for it: an administrator by role, the administrator by group who asks, or whoever
// acts about themselves or for the helpdesk.
bool may_verify(const FreshDemand& demand, const User& user) {
  if (user.suspended || (!demand.actor.user.empty() && demand.actor.user != user.name))
    return false;
  if (demand.deed == Deed::authenticator_confirm && demand.concerned &&
      demand.concerned->name == user.name)
    return false;
  return !demand.actor.admin || user.role == Role::admin || demand.actor.user == user.name;
}

Result<Basis> use(Context& context, const FreshDemand& demand) {
  const auto refused = [] {
    return fail(Code::not_permitted,
                "this fresh verification is not for this change, was used, or is older than 5 "
                "minutes: verify again");
  };
  const Result<Held> held = take<Held>(context, demand.caller, *demand.id);
  if (!held && held.error().code == Code::unavailable) return std::unexpected(held.error());
  if (!held || held->digest != digest_of(demand.change)) return refused();
  const auto record = TRY(user_named(context, held->user));
  const Authenticator* by = authenticator_in(*record, held->authenticator);
  if (by == nullptr || !may_verify(demand, record->user)) return refused();
  TRY(require_serving(context, *by, demand.actor.admin || record->user.role != Role::user));
  return Basis::fresh(held->user);
}

std::unexpected<Error> not_for(const FreshDemand& demand) {
  const bool role =
      demand.actor.helpdesk && demand.concerned && demand.concerned->role != Role::user;
  if (role && right(demand.deed).helpdesk != Needs::never)
    return fail(Code::not_permitted, escape_text(demand.concerned->name) +
                                         " has a role here, so only an administrator may do this");
  return fail(Code::not_permitted,
              "this is for " + std::string(right(demand.deed).helpdesk != Needs::never
                                               ? "the helpdesk and administrators"
                                               : "administrators"));
}

}  // namespace

Result<FreshVerification> hold_fresh(Context& context, const Caller& caller,
                                     const std::string& user, const Verdict& verdict,
                                     const std::string& change) {
  if (!verdict.verified())
    return fail(Code::not_permitted,
                "you were not verified (" + std::string(verdict.why()) + "); nothing is changed");
  const auto record = TRY(user_named(context, user));
  Held held{.digest = digest_of(change),
            .user = record->user.name,
            .authenticator = to_text(verdict.authenticator())};
  const Authenticator* by = authenticator_in(*record, held.authenticator);
  if (by == nullptr)
    return fail(Code::not_permitted,
                "a code that was sent, or somebody else's token, is no fresh verification: use an "
                "authenticator that you have enrolled");
  TRY(require_serving(context, *by, record->user.role != Role::user));
  const Time now = context.clock.read().now;
  FreshVerification fresh{.id = formats::base64url([&] {
                            Bytes id(16);
                            context.random.fill(id);
                            return id;
                          }()),
                          .expires = now + fresh_lives};
  TRY(hold(context,
           {.id = fresh.id,
            .owner = Held::owner(caller),
            .holder = caller.holder(),
            .expires = fresh.expires,
            .most_per_owner = most_fresh},
           held));
  return fresh;
}

Result<Basis> rest_on(Context& context, const FreshDemand& demand) {
  const User* concerned = demand.concerned ? &*demand.concerned : nullptr;
  switch (needed(demand.deed, demand.actor, concerned)) {
    case Needs::never:
      return not_for(demand);
    case Needs::nothing:
      return Basis();
    case Needs::fresh:
      break;
  }
  // Asked each time, so that bootstrap is over before a change could take away what ended it.
  const bool over = TRY(bootstrap_over(context));
  if (demand.id) return use(context, demand);
  // Nobody ends bootstrap by what bootstrap itself, or root's way out, permits.
  const bool verified_only = demand.deed == Deed::bootstrap_close;
  if (demand.recovery && !verified_only) {
    if (demand.actor.root) return Basis::root_recovery();
    return fail(Code::not_permitted, "recovery is for root on this machine alone");
  }
  if ((demand.actor.admin || demand.actor.helpdesk) && !verified_only && !over)
    return Basis::bootstrap();
  Error error{.code = Code::fresh_needed, .what = {}, .change = demand.change};
  error.what = demand.actor.admin ? "this change needs a fresh verification by an administrator (" +
                                        escape_text(demand.change) +
                                        "): add --as NAME. When no administrator can verify, root "
                                        "on this machine adds --recovery"
                                  : "this change needs a fresh verification of your own (" +
                                        escape_text(demand.change) + "): add --as NAME";
  return std::unexpected(std::move(error));
}

}  // namespace countersign::engine
