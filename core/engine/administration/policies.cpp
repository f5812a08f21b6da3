// SPDX-License-Identifier: Apache-2.0
#include "core/engine/administration/policies.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "core/base/text.h"
#include "core/crypto/hash.h"
#include "core/encoding/base64url.h"
#include "core/engine/administration/forgetting.h"
#include "core/engine/apply.h"
#include "core/engine/events.h"
#include "core/engine/lookup.h"
#include "core/engine/sign_in_shared.h"
#include "core/policy/decide.h"

namespace countersign::engine {
namespace {

// How this user would be met at the next sign-in with a password, from nowhere known.
Decided met(Context& context, const UserRecord& record, const Policy& policy, Time now) {
  return decide({.policy = policy,
                 .user = &record.user,
                 .authenticators = record.authenticators,
                 .sendable = context.rules.sendable,
                 .primary = Primary::password,
                 .now = now});
}

// Each user that the filter finds, with all that the store knows.
Result<void> each_user(Context& context, UserFilter filter, auto&& look) {
  while (true) {
    const auto page = TRY(context.store.users(filter));
    for (const UserSummary& each : page) {
      const auto record = TRY(context.store.user_by_id(each.user.id));
      TRY(look(*record));
    }
    if (page.size() < filter.limit) return {};
    filter.after = page.back().user.name;
  }
}

void note(std::vector<std::string>& names, const std::string& name) {
  if (names.size() < most_names) names.push_back(name);
}

// As the policies would be.
Policies after(const Policies& now, const PolicyWish& wish, Time moment) {
  Policies changed = now;
  Policy& policy = changed.by_audience[wish.audience];
  const Time since = policy_for(now, wish.audience).enrolled_since;
  policy = wish.policy;
  policy.enrolled_since = wish.forget_enrollments ? moment : since;
  if (wish.forget_machines) changed.machines_since = moment;
  return changed;
}

Result<void> count_users(Context& context, const PolicyWish& wish, const Policy& policy, Time now,
                         PolicyPreview& preview) {
  std::map<std::string, bool> locations;
  auto looked = each_user(
      context, {.audience = wish.audience}, [&](const UserRecord& record) -> Result<void> {
        if (record.user.suspended || record.user.service_account) return {};
        ++preview.users;
        const Decided decided = met(context, record, policy, now);
        locations[record.user.location] |= !usable_factors({.policy = policy,
                                                            .user = &record.user,
                                                            .authenticators = record.authenticators,
                                                            .sendable = context.rules.sendable,
                                                            .now = now})
                                                .empty();
        if (decided.decision == Decision::verify) ++preview.verify;
        if (decided.decision == Decision::enroll && ++preview.enroll != 0)
          note(preview.must_enroll, record.user.name);
        if (decided.decision == Decision::deny && ++preview.locked_out != 0)
          note(preview.would_be_locked_out, record.user.name);
        return {};
      });
  if (policy.mode != Mode::off)
    for (const auto& [location, working] : locations)
      if (!working) note(preview.locations_without, location);
  return looked;
}

Result<void> count_machines(Context& context, const std::string& audience, const Policies& before,
                            const Policies& changed, Time now, PolicyPreview& preview) {
  MachineFilter filter{.status = MachineStatus::known};
  while (true) {
    const auto page = TRY(context.store.machines(filter));
    for (const Machine& machine : page) {
      for (const Recognition& each : machine.recognitions) {
        if (each.audience != audience && before.machines_since == changed.machines_since) continue;
        const User user{.id = each.user, .audience = each.audience};
        const auto state = [&](const Policies& policies) {
          return state_of(machine, true, policy_for(policies, each.audience), user,
                          policies.machines_since, now);
        };
        if (state(before) != MachineState::recognized || state(changed) == MachineState::recognized)
          continue;
        ++preview.machines_lapse;
        note(preview.lapsing_machines, machine.name.empty() ? to_text(machine.id) : machine.name);
        break;
      }
    }
    if (page.size() < filter.limit) return {};
    filter.after = page.back().id;
  }
}

// Whoever asks may be among them, and would verify with nothing afterwards.
Result<void> warn_of_administrators(Context& context, const std::string& audience,
                                    PolicyPreview& preview) {
  std::string names;
  auto looked = each_user(context, {.audience = audience, .role = Role::admin},
                          [&](const UserRecord& record) -> Result<void> {
                            const bool holds = std::ranges::any_of(
                                record.authenticators, [](const Authenticator& each) {
                                  return each.status == Status::active;
                                });
                            if (holds && names.size() < 1024)
                              names += (names.empty() ? "" : ", ") + record.user.name;
                            return {};
                          });
  if (looked && !names.empty())
    preview.warnings.push_back("the factors of administrators end as well: " + names +
                               ". Until they have enrolled again, only another administrator's "
                               "fresh verification, or root with --recovery, makes such changes");
  return looked;
}

Result<bool> every_admin_locked_out(Context& context, const Policies& changed, Time now) {
  bool any = false;
  bool one_gets_in = false;
  TRY(each_user(context, {.role = Role::admin}, [&](const UserRecord& record) -> Result<void> {
    if (record.user.suspended) return {};
    any = true;
    one_gets_in = one_gets_in ||
                  met(context, record, policy_for(changed, record.user.audience), now).decision !=
                      Decision::deny;
    return {};
  }));
  return any && !one_gets_in;
}

audit::Event event_about(Context& context, const SetPolicy& request, const Policy& before) {
  audit::Event event = event_of(context, request.caller, "policy.set");
  const Policy& policy = request.wish.policy;
  event.details = {{"audience", request.wish.audience},
                   {"mode", std::string(to_name(policy.mode))},
                   {"ask", std::string(to_name(policy.ask))}};
  std::string methods;
  for (const Kind kind : policy.methods.list())
    methods += (methods.empty() ? "" : ",") + std::string(to_name(kind));
  event.details.emplace_back("methods", methods);
  for (const std::string& each : loosened(before, policy))
    event.details.emplace_back("loosens", each);
  if (request.wish.forget_enrollments) event.details.emplace_back("forgets", "enrolments");
  if (request.wish.forget_machines) event.details.emplace_back("forgets", "machines");
  if (!request.basis.empty()) event.details.emplace_back("rests_on", request.basis);
  if (request.force) event.details.emplace_back("forced", "yes");
  return event;
}

}  // namespace

std::string change_of(const PolicyWish& wish) {
  Policy plain = wish.policy;
  plain.enrolled_since = {};
  const crypto::Sha256 digest = crypto::sha256(encode(plain));
  std::string change =
      "policy.set " + wish.audience + " " + formats::base64url(BytesView(digest).first(16));
  if (wish.forget_enrollments) change += " forget-enrolments";
  if (wish.forget_machines) change += " forget-machines";
  return change;
}

bool needs_fresh(const Policies& now, const PolicyWish& wish) {
  return wish.forget_enrollments || wish.forget_machines ||
         !loosened(policy_for(now, wish.audience), wish.policy).empty();
}

Result<void> validate(const Policies& now, const PolicyWish& wish) {
  if (!audience_known(now, wish.audience)) {
    if (!wish.add_audience)
      return fail(Code::not_found,
                  "there is no audience '" + escape_text(wish.audience) + "'; --new adds it");
    TRY(countersign::validate(User{.name = "x", .audience = wish.audience}));
  }
  return countersign::validate(wish.policy);
}

Result<PolicyPreview> preview_policy(Context& context, const PolicyWish& wish) {
  const auto in_force = context.sign_ins.policies.now();
  TRY(validate(in_force->policies, wish));
  const Time now = context.clock.read().now;
  const Policies changed = after(in_force->policies, wish, now);
  PolicyPreview preview{
      .loosens = loosened(policy_for(in_force->policies, wish.audience), wish.policy),
      .warnings = countersign::warnings(wish.policy),
      .change = change_of(wish),
      .needs_fresh = needs_fresh(in_force->policies, wish)};
  TRY(count_users(context, wish, policy_for(changed, wish.audience), now, preview));
  TRY(count_machines(context, wish.audience, in_force->policies, changed, now, preview));
  if (wish.forget_enrollments) TRY(warn_of_administrators(context, wish.audience, preview));
  const bool locked = TRY(every_admin_locked_out(context, changed, now));
  preview.every_admin_locked_out = locked;
  return preview;
}

void set_policy(Context& context, SetPolicy request, Then<std::monostate> then) {
  auto shared = std::make_shared<std::pair<SetPolicy, PoliciesInForce>>(std::move(request),
                                                                        PoliciesInForce{});
  apply<std::monostate>(
      context,
      [&context, shared]() -> Result<Prepared<std::monostate>> {
        auto& [asked, fresh] = *shared;
        Setting setting = TRY(setting_or_new(context, policies_setting));
        Policies now = TRY(setting.value.empty() ? Policies{} : decode_policies(setting.value));
        TRY(validate(now, asked.wish));
        if (asked.basis.empty() && needs_fresh(now, asked.wish))
          return fail(Code::not_permitted,
                      "this loosens the policy: it needs a fresh verification of an administrator");
        const Time moment = context.clock.read().now;
        Policies changed = after(now, asked.wish, moment);
        const bool locked = TRY(every_admin_locked_out(context, changed, moment));
        if (locked && !asked.force)
          return fail(Code::conflict,
                      "no administrator could sign in any more under this policy: let one enrol "
                      "first, or force it (root on this machine can always set "
                      "the policy back: countersign policy set --recovery)");
        Change change;
        change.events.push_back(event_about(context, asked, policy_for(now, asked.wish.audience)));
        if (asked.wish.forget_enrollments)
          if (auto noted = note_forgetting(context, change,
                                           {.audience = asked.wish.audience, .since = moment});
              !noted)
            return std::unexpected(noted.error());
        setting.value = encode(changed);
        fresh = {.policies = std::move(changed), .generation = setting.generation + 1};
        change.writes.emplace_back(std::move(setting));
        return Prepared<std::monostate>{.change = std::move(change), .answer = {}};
      },
      [&context, shared, then = std::move(then)](Result<std::monostate> done) mutable {
        if (done) context.sign_ins.policies.use(shared->second);
        then(std::move(done));
      });
}

}  // namespace countersign::engine
