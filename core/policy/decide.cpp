// SPDX-License-Identifier: Apache-2.0
#include "core/policy/decide.h"

#include <algorithm>

namespace countersign {
namespace {

// Each rule of core/DESIGN.md, section 6, in its order; the first that has an answer decides.
std::optional<Decided> rule_1(const SignInFacts& facts) {
  if (facts.user != nullptr && facts.user->suspended)
    return Decided{.because = Because::user_suspended};
  if (facts.machine == MachineState::blocked) return Decided{.because = Because::machine_blocked};
  if (facts.user != nullptr) return std::nullopt;
  const bool let_in = facts.policy.unknown_users == UnknownUsers::allow;
  return Decided{.decision = let_in ? Decision::allow : Decision::deny,
                 .because = Because::unknown_user};
}

std::optional<Decided> rule_2(const SignInFacts& facts) {
  if (facts.policy.mode == Mode::off)
    return Decided{.decision = Decision::allow, .because = Because::policy_off};
  if (facts.primary == Primary::sso && !facts.policy.ask_sso)
    return Decided{.decision = Decision::allow, .because = Because::single_sign_on};
  if (!facts.user->service_account) return std::nullopt;
  const ServiceAccount& account = *facts.user->service_account;
  const bool named = std::ranges::find(account.callers, facts.caller) != account.callers.end() &&
                     std::ranges::find(account.services, facts.service) != account.services.end();
  if (named) return Decided{.decision = Decision::allow, .because = Because::service_account};
  return Decided{.because = Because::not_this_service_account};
}

std::optional<Decided> rule_3(const SignInFacts& facts) {
  const Policy& policy = facts.policy;
  if (policy.ask != Ask::unrecognized || facts.machine != MachineState::recognized ||
      !covers(policy.recognition.services, facts.service))
    return std::nullopt;
  return Decided{.decision = Decision::allow, .because = Because::recognized};
}

std::optional<Decided> rule_4(const SignInFacts& facts) {
  if (!facts.grace || facts.policy.grace.hours == 0 ||
      !covers(facts.policy.grace.services, facts.service))
    return std::nullopt;
  return Decided{.decision = Decision::allow, .because = Because::grace};
}

std::optional<Decided> rule_5(const SignInFacts& facts) {
  std::vector<Offer> usable = usable_factors(facts);
  if (usable.empty()) return std::nullopt;
  const bool closed = facts.codes_open > facts.now;
  if (closed) std::erase_if(usable, [](const Offer& offer) { return guessable(offer.kind); });
  if (usable.empty()) return Decided{.because = Because::throttled, .opens = facts.codes_open};
  return Decided{
      .decision = Decision::verify, .because = Because::factor, .offers = std::move(usable)};
}

Decided without_factor(const SignInFacts& facts) {
  const Policy& policy = facts.policy;
  if (had_factor(policy, *facts.user, facts.authenticators))
    return {.because = Because::lost_factor};
  if (policy.mode == Mode::optional &&
      skip_holds(policy, *facts.user, facts.authenticators, facts.now))
    return {.decision = Decision::allow, .because = Because::skipped};
  if (policy.mode == Mode::optional)
    return {.decision = Decision::enroll, .because = Because::no_factor, .skippable = true};
  if (policy.enroll_at_sign_in)
    return {.decision = Decision::enroll, .because = Because::no_factor};
  return {.because = Because::enrolment_closed};
}

bool forgotten(const Policy& policy, const Authenticator& authenticator) {
  return authenticator.created < policy.enrolled_since;
}

bool can_answer(const SignInFacts& facts, const Authenticator& authenticator) {
  if (authenticator.status != Status::active) return false;
  if (authenticator.kind == Kind::temporary_code)
    return temporary_code_usable(authenticator, facts.authenticators, facts.now);
  if (forgotten(facts.policy, authenticator) || !facts.policy.methods.contains(authenticator.kind))
    return false;
  if (authenticator.kind == Kind::sms || authenticator.kind == Kind::email)
    return facts.sendable.contains(authenticator.kind);
  return authenticator.kind != Kind::backup_codes || facts.policy.backup_codes;
}

}  // namespace

bool temporary_code_usable(const Authenticator& code, std::span<const Authenticator> all,
                           Time now) {
  if (code.status != Status::active || code.ended <= now || code.progress.detail <= 0) return false;
  return std::ranges::none_of(all, [&](const Authenticator& other) {
    return other.kind != Kind::temporary_code && other.created > code.created;
  });
}

bool had_factor(const Policy& policy, const User& user,
                std::span<const Authenticator> authenticators) {
  return std::ranges::any_of(authenticators, [&](const Authenticator& each) {
    if (forgotten(policy, each) || each.kind == Kind::temporary_code) return false;
    return each.status != Status::revoked || each.ended > user.admitted;
  });
}

bool skip_holds(const Policy& policy, const User& user,
                std::span<const Authenticator> authenticators, Time now) {
  if (user.skipped == Time{}) return false;
  if (policy.skip_days != 0 && now >= user.skipped + std::chrono::hours(24) * policy.skip_days)
    return false;
  return std::ranges::none_of(
      authenticators, [&](const Authenticator& each) { return each.created > user.skipped; });
}

std::vector<Offer> usable_factors(const SignInFacts& facts) {
  std::vector<Offer> usable;
  if (facts.user == nullptr) return usable;
  for (const Authenticator& each : facts.authenticators)
    if (can_answer(facts, each)) usable.push_back({each.kind, each.id});
  const auto on_file = [&](Kind kind, const std::string& address) {
    // What is enrolled counts, or not (forgotten, suspended); the address alone where nothing is.
    const bool enrolled = std::ranges::any_of(facts.authenticators, [&](const Authenticator& each) {
      return each.kind == kind && each.status != Status::revoked;
    });
    if (!address.empty() && !enrolled && facts.policy.methods.contains(kind) &&
        facts.sendable.contains(kind))
      usable.push_back({kind, {}});
  };
  on_file(Kind::sms, facts.user->phone);
  on_file(Kind::email, facts.user->email);
  std::ranges::sort(usable, [](const Offer& a, const Offer& b) {
    if (strength(a.kind) != strength(b.kind)) return strength(a.kind) > strength(b.kind);
    return a < b;
  });
  return usable;
}

Decided decide(const SignInFacts& facts) {
  for (const auto rule : {rule_1, rule_2, rule_3, rule_4, rule_5})
    if (auto decided = rule(facts)) return *decided;
  return without_factor(facts);
}

}  // namespace countersign
