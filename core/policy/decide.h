// SPDX-License-Identifier: Apache-2.0
// The decision on a sign-in: a pure and total function of what is known at that moment.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "core/policy/policy.h"

namespace countersign {

enum class Decision { deny, allow, verify, enroll };  // deny is what doing nothing gives
template <>
inline constexpr auto enum_names<Decision> =
    std::to_array<EnumName<Decision>>({{Decision::deny, "deny"},
                                       {Decision::allow, "allow"},
                                       {Decision::verify, "verify"},
                                       {Decision::enroll, "enroll"}});

// What a machine is to one user and policy at one moment (recognition.h finds it).
enum class MachineState {
  none,  // nothing was proved
  unrecognized,
  recognized,
  lapsed,
  forgotten,
  blocked,
};
template <>
inline constexpr auto enum_names<MachineState> =
    std::to_array<EnumName<MachineState>>({{MachineState::none, "none"},
                                           {MachineState::unrecognized, "unrecognized"},
                                           {MachineState::recognized, "recognized"},
                                           {MachineState::lapsed, "lapsed"},
                                           {MachineState::forgotten, "forgotten"},
                                           {MachineState::blocked, "blocked"}});

// Which rule decided.
enum class Because {
  nothing,
  user_suspended,
  machine_blocked,
  unknown_user,
  policy_off,
  single_sign_on,
  service_account,
  not_this_service_account,  // another caller or service than those named on it
  recognized,
  grace,
  factor,     // it has one: verify
  verified,   // and did (the engine's)
  throttled,  // it has some, and each is exhausted
  skipped,
  no_factor,         // never had one
  lost_factor,       // had one: the helpdesk re-admits
  enrolled,          // within this sign-in (the engine's)
  enrolment_closed,  // policy does not permit to enrol at sign-in
};
template <>
inline constexpr auto enum_names<Because> = std::to_array<EnumName<Because>>({
    {Because::nothing, "nothing"},
    {Because::user_suspended, "user-suspended"},
    {Because::machine_blocked, "machine-blocked"},
    {Because::unknown_user, "unknown-user"},
    {Because::policy_off, "policy-off"},
    {Because::single_sign_on, "single-sign-on"},
    {Because::service_account, "service-account"},
    {Because::not_this_service_account, "not-this-service-account"},
    {Because::recognized, "recognized"},
    {Because::grace, "grace"},
    {Because::factor, "factor"},
    {Because::verified, "verified"},
    {Because::throttled, "throttled"},
    {Because::skipped, "skipped"},
    {Because::no_factor, "no-factor"},
    {Because::lost_factor, "lost-factor"},
    {Because::enrolled, "enrolled"},
    {Because::enrolment_closed, "enrolment-closed"},
});

struct SignInFacts {
  const Policy& policy;
  const User* user = nullptr;                          // none: the store does not know them
  std::span<const Authenticator> authenticators = {};  // all of the user's, in any state
  Time codes_open{};      // until then the throttle lets no guessable factor through (throttle.h,
                          // opens_at)
  KindSet sendable = {};  // of sms and email: what this installation can send
  MachineState machine = MachineState::none;
  Primary primary = Primary::none;
  std::string_view service = {};
  std::uint32_t caller = 0xFFFFFFFFU;  // uid
  bool grace = false;  // the same login session verified so recently that the policy's grace covers
                       // this service
  Time now{};
};

// A factor that could answer now. Without an authenticator: the phone number or address that an
// administrator entered.
struct Offer {
  Kind kind = Kind::totp;
  AuthenticatorId authenticator;
  auto operator<=>(const Offer&) const = default;
};

struct Decided {
  Decision decision = Decision::deny;
  Because because = Because::nothing;
  std::vector<Offer> offers = {};  // verify: strongest first
  bool skippable = false;          // enroll
  std::optional<Time> opens = {};  // throttled: when a code is let through again

  bool operator==(const Decided&) const = default;
};

[[nodiscard]] Decided decide(const SignInFacts& facts);

// The user's factors that policy lets answer, exhausted ones included, strongest first.
[[nodiscard]] std::vector<Offer> usable_factors(const SignInFacts& facts);
// Whether a temporary code still works: not expired, not used up, and nothing else was bound since
// it was made.
[[nodiscard]] bool temporary_code_usable(const Authenticator& code,
                                         std::span<const Authenticator> all, Time now);
// Who has, or ever had, an authenticator, and was not admitted again since, is not "without" (T18).
[[nodiscard]] bool had_factor(const Policy& policy, const User& user,
                              std::span<const Authenticator> authenticators);
// A skip counts until it is old, or until something was bound after it.
[[nodiscard]] bool skip_holds(const Policy& policy, const User& user,
                              std::span<const Authenticator> authenticators, Time now);

}  // namespace countersign
