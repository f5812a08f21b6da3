// SPDX-License-Identifier: Apache-2.0
#include "core/engine/fresh.h"

#include <algorithm>

#include "core/crypto/hash.h"
#include "core/engine/lookup.h"
#include "core/formats/base64url.h"
#include "core/text.h"

namespace countersign::engine {
namespace {

constexpr std::size_t most_fresh = 64;

std::string digest_of(const std::string& change) { return formats::base64url(crypto::sha256({as_bytes("countersign-fresh-v1\n"), as_bytes(change)})); }

std::uint64_t owner_of(const Caller& caller) { return caller_key({.uid = caller.uid, .pid = 0, .service = "fresh verification"}); }

Result<bool> an_administrator_ever_had_a_factor(Context& context) {
  UserFilter filter{.role = Role::admin};
  while (true) {
    const auto page = context.store.users(filter);
    if (!page) return std::unexpected(page.error());
    if (std::ranges::any_of(*page, [](const UserSummary& each) { return each.ever != 0; })) return true;
    if (page->size() < filter.limit) return false;
    filter.after = page->back().user.name;
  }
}

Result<std::string> use(Context& context, const FreshDemand& demand) {
  const Time now = context.clock.read().now;
  const auto refused = [] { return fail(Code::not_permitted, "this fresh verification is not for this change, was used, or is older than 5 minutes: verify again"); };
  Result<Pending> held = context.store.seen(*demand.id, now);
  if (!held) return held.error().code == Code::not_found ? refused() : std::unexpected(held.error());
  if (held->owner != owner_of(demand.caller) || !context.store.take_seen(*held, now)) return refused();
  const Result<Secret> body = context.vault.open(crypto::Purpose::pending, "fresh " + *demand.id, held->body);
  if (!body) return refused();
  const std::string_view text = body->expose_text();
  const auto line = text.find('\n');
  if (line == std::string_view::npos || text.substr(0, line) != digest_of(demand.change)) return refused();
  const std::string user(text.substr(line + 1));
  const auto record = user_named(context, user);  // as it is now
  if (!record) return std::unexpected(record.error());
  const Role role = (*record)->user.role;
  const bool may = !(*record)->user.suspended && (role == Role::admin || (demand.helpdesk_may && role == Role::helpdesk));
  if (!may || (!demand.acting.empty() && demand.acting != user)) return refused();
  return "fresh:" + user;
}

}  // namespace

Result<FreshVerification> hold_fresh(Context& context, const Caller& caller, const std::string& user, const Verdict& verdict, const std::string& change) {
  if (!verdict.verified()) return fail(Code::not_permitted, "you were not verified (" + std::string(verdict.why()) + "); nothing is changed");
  const auto record = user_named(context, user);
  if (!record) return std::unexpected(record.error());
  const bool theirs = std::ranges::any_of((*record)->authenticators, [&](const Authenticator& each) { return each.id == verdict.authenticator(); });
  const Role role = (*record)->user.role;
  if (!theirs || (role != Role::admin && role != Role::helpdesk)) return fail(Code::not_permitted, escape_text(user) + " is no administrator and not of the helpdesk");
  const Time now = context.clock.read().now;
  FreshVerification fresh{.id = formats::base64url([&] {
                            Bytes id(16);
                            context.random.fill(id);
                            return id;
                          }()),
                          .expires = now + fresh_lives};
  const Secret body(digest_of(change) + "\n" + user);
  Pending pending{.id = fresh.id, .owner = owner_of(caller), .expires = fresh.expires, .body = context.vault.seal(crypto::Purpose::pending, "fresh " + fresh.id, body)};
  if (auto held = context.store.hold(std::move(pending), most_fresh, now); !held) return std::unexpected(held.error());
  return fresh;
}

Result<std::string> require_fresh(Context& context, const FreshDemand& demand) {
  if (demand.id) return use(context, demand);
  if (demand.recovery) {
    if (demand.root) return "root-recovery";
    return fail(Code::not_permitted, "recovery is for root on this machine alone");
  }
  const Result<bool> had = an_administrator_ever_had_a_factor(context);
  if (!had) return std::unexpected(had.error());
  if (!*had) return "bootstrap";
  return fail(Code::not_permitted, "this needs a fresh verification of an administrator, for exactly this change (" + escape_text(demand.change) +
                                       "): give --as NAME and --code, or as root on this machine --recovery");
}

}  // namespace countersign::engine
