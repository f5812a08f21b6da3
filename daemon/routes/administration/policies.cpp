// SPDX-License-Identifier: Apache-2.0
#include "core/engine/administration/policies.h"

#include "core/base/text.h"
#include "core/engine/sign_in_shared.h"
#include "daemon/api/policy.h"
#include "daemon/api/problem.h"
#include "daemon/api/with_fresh.h"
#include "daemon/routes/routes.h"
#include "daemon/services/rest_on.h"
#include "daemon/store/forgetting.h"

namespace countersign::routes {
namespace {

using http::Method;
using http::Privilege;
using http::Where;

api::PolicyView wire_of(const std::string& audience, const Policy& policy, bool set) {
  return {.audience = audience,
          .set = set,
          .mode = policy.mode,
          .ask = policy.ask,
          .methods = policy.methods.list(),
          .skip_days = policy.skip_days,
          .enroll_at_sign_in = policy.enroll_at_sign_in,
          .ask_sso = policy.ask_sso,
          .backup_codes = policy.backup_codes,
          .code_length = policy.code_length,
          .uv = policy.uv,
          .unknown_users = policy.unknown_users,
          .recognition_for_everyone = policy.recognition.for_everyone,
          .recognition_after = policy.recognition.after.list(),
          .recognition_services = policy.recognition.services,
          .recognition_disuse_days = policy.recognition.disuse_days,
          .recognition_maximum_days = policy.recognition.maximum_days,
          .recognition_hardware_bound = policy.recognition.hardware_bound,
          .grace_hours = policy.grace.hours,
          .grace_services = policy.grace.services};
}

KindSet set_of(const std::vector<Kind>& kinds) {
  KindSet set;
  for (const Kind kind : kinds) set.insert(kind);
  return set;
}

template <class T>
void take(T& into, const std::optional<T>& wanted) {
  if (wanted) into = *wanted;
}

// What the audience has, with what the request changes of it.
engine::PolicyWish wish_of(const Policies& now, const api::PolicySet& request) {
  engine::PolicyWish wish{.audience = request.audience,
                          .policy = policy_for(now, request.audience),
                          .add_audience = request.add.value_or(false),
                          .forget_enrollments = request.forget_enrollments.value_or(false),
                          .forget_machines = request.forget_machines.value_or(false)};
  Policy& policy = wish.policy;
  if (!audience_known(now, request.audience))
    policy = Policy{};  // a new one begins like any other, not with what guards mistyped names
  take(policy.mode, request.mode);
  take(policy.ask, request.ask);
  if (request.methods) policy.methods = set_of(*request.methods);
  take(policy.skip_days, request.skip_days);
  take(policy.enroll_at_sign_in, request.enroll_at_sign_in);
  take(policy.ask_sso, request.ask_sso);
  take(policy.backup_codes, request.backup_codes);
  take(policy.code_length, request.code_length);
  take(policy.uv, request.uv);
  take(policy.unknown_users, request.unknown_users);
  take(policy.recognition.for_everyone, request.recognition_for_everyone);
  if (request.recognition_after) policy.recognition.after = set_of(*request.recognition_after);
  take(policy.recognition.services, request.recognition_services);
  take(policy.recognition.disuse_days, request.recognition_disuse_days);
  take(policy.recognition.maximum_days, request.recognition_maximum_days);
  take(policy.recognition.hardware_bound, request.recognition_hardware_bound);
  take(policy.grace.hours, request.grace_hours);
  take(policy.grace.services, request.grace_services);
  return wish;
}

api::PolicyEffect wire_of(const engine::PolicyWish& wish, engine::PolicyPreview preview,
                          bool applied) {
  return {.policy = wire_of(wish.audience, wish.policy, true),
          .applied = applied,
          .change = std::move(preview.change),
          .loosens = std::move(preview.loosens),
          .warnings = std::move(preview.warnings),
          .needs_fresh = preview.needs_fresh,
          .users = preview.users,
          .verify = preview.verify,
          .enroll = preview.enroll,
          .locked_out = preview.locked_out,
          .must_enroll = std::move(preview.must_enroll),
          .would_be_locked_out = std::move(preview.would_be_locked_out),
          .locations_without = std::move(preview.locations_without),
          .machines_lapse = preview.machines_lapse,
          .lapsing_machines = std::move(preview.lapsing_machines),
          .every_admin_locked_out = preview.every_admin_locked_out};
}

using ThenEffect = std::move_only_function<void(Result<api::PolicyEffect>)>;

// Revokes the rows too, which takes a while.
void forget_and_answer(Services& services, const Caller& caller, const engine::PolicyWish& wish,
                       api::PolicyEffect effect, ThenEffect then) {
  const auto in_force = services.context.sign_ins.policies.now();
  engine::Forgetting begun{.audience = wish.audience,
                           .since = policy_for(in_force->policies, wish.audience).enrolled_since};
  forget(
      services.context,
      [work = services.work](std::move_only_function<void()> task) {
        work(http::background, std::move(task));
      },
      caller, std::move(begun),
      [effect = std::move(effect), then = std::move(then)](Result<std::monostate> done) mutable {
        if (!done) return then(std::unexpected(done.error()));
        then(std::move(effect));
      });
}

void set(Services& services, const http::Call& call, const api::WithFresh<api::PolicySet>& request,
         ThenEffect then) {
  const auto in_force = services.context.sign_ins.policies.now();
  engine::PolicyWish wish = wish_of(in_force->policies, request);
  auto preview = engine::preview_policy(services.context, wish);
  if (!preview) return then(std::unexpected(preview.error()));
  if (request.dry_run.value_or(false)) return then(wire_of(wish, std::move(*preview), false));
  if (request.confirm != preview->change)
    return then(fail(Code::invalid,
                     "field 'confirm' must be the 'change' that a dry run of this gave: look at "
                     "what it would do first; another change may have come between"));
  Result<Basis> basis =
      rest_on(services, call,
              {.deed = preview->needs_fresh ? Deed::policy_set : Deed::policy_tighten,
               .change = preview->change,
               .fresh = request.fresh,
               .recovery = request.recovery});
  if (!basis) return then(std::unexpected(basis.error()));
  engine::SetPolicy wanted{.caller = call.caller,
                           .wish = wish,
                           .basis = basis->text(),
                           .force = request.force.value_or(false)};
  engine::set_policy(
      services.context, std::move(wanted),
      [&services, caller = call.caller, wish, rests_on = basis->text(),
       preview = std::move(*preview), then = std::move(then)](Result<std::monostate> done) mutable {
        if (!done) return then(std::unexpected(done.error()));
        api::PolicyEffect effect = wire_of(wish, std::move(preview), true);
        if (!rests_on.empty()) effect.rests_on = rests_on;
        if (wish.forget_enrollments)
          forget_and_answer(services, caller, wish, std::move(effect), std::move(then));
        else
          then(std::move(effect));
      });
}

api::PolicyList list(Services& services) {
  const auto in_force = services.context.sign_ins.policies.now();
  const Policies& policies = in_force->policies;
  std::map<std::string, bool> audiences;
  for (const char* known : known_audiences) audiences[known] = false;
  for (const auto& [audience, policy] : policies.by_audience) audiences[audience] = true;
  api::PolicyList all;
  for (const auto& [audience, is_set] : audiences)
    all.policies.push_back(wire_of(audience, policy_for(policies, audience), is_set));
  return all;
}

}  // namespace

std::vector<http::Route> policy_routes(Services& services) {
  std::vector<http::Route> rows;
  rows.push_back(http::make_route<api::Nothing, api::PolicyList>(
      {.method = Method::get,
       .path = "/v1/policies",
       .privilege = Privilege::admin,
       .summary = "Lists what each audience is asked at its sign-ins",
       .failures = {},
       .handle = [&services](const http::Call&, const api::Nothing&, auto then) {
         then(list(services));
       }}));
  rows.push_back(http::make_route<api::AudienceName, api::PolicyView>(
      {.method = Method::get,
       .path = "/v1/policies/{audience}",
       .privilege = Privilege::admin,
       .summary = "Shows one audience's policy",
       .failures = {Code::not_found},
       .handle = [&services](const http::Call&, const api::AudienceName& request, auto then) {
         const auto in_force = services.context.sign_ins.policies.now();
         if (!audience_known(in_force->policies, request.audience))
           return then(fail(Code::not_found,
                            "there is no audience '" + escape_text(request.audience) + "'"));
         then(wire_of(request.audience, policy_for(in_force->policies, request.audience),
                      in_force->policies.by_audience.contains(request.audience)));
       }}));
  rows.push_back(http::make_route<api::WithFresh<api::PolicySet>, api::PolicyEffect>(
      {.method = Method::patch,
       .path = "/v1/policies/{audience}",
       .privilege = Privilege::admin,
       .where = Where::worker,
       .summary = "Says what a change of the policy would do, or sets it; in force at once",
       .failures = {Code::not_found, Code::conflict},
       .handle = [&services](const http::Call& call, const api::WithFresh<api::PolicySet>& request,
                             auto then) { set(services, call, request, std::move(then)); }}));
  return rows;
}

}  // namespace countersign::routes
