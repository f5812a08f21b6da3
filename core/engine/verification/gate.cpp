// SPDX-License-Identifier: Apache-2.0
#include "core/engine/verification/gate.h"

#include "core/engine/sign_in_shared.h"
#include "core/policy/decide.h"

namespace countersign::engine {
namespace {

std::optional<Verdict> barred_by_policy(const Policies& policies, const std::string& audience,
                                        const Authenticator& authenticator) {
  const Policy& policy = policy_for(policies, audience);
  const bool off = authenticator.kind == Kind::backup_codes && !policy.backup_codes;
  if (off || !admits(policies, audience, authenticator.kind))
    return Verdict(Reason::no_factor, "method-off");
  if (authenticator.created < policy.enrolled_since) return Verdict(Reason::no_factor, "forgotten");
  return std::nullopt;
}

// What was used of these, a store that was put back does not know.
bool one_time(Kind kind) { return guessable(kind) || kind == Kind::yubico_otp; }

// What holds back codes, or one-time passwords from a device, that could have been used before.
std::optional<Verdict> barred_by_time(const Context& context, const ClockReading& clock,
                                      bool typed_code) {
  if (context.store.restored()) return Verdict(Reason::restored_store);
  if (typed_code && clock.state != ClockState::good) return Verdict(Reason::clock);
  return std::nullopt;
}

}  // namespace

std::optional<Verdict> barred(const Context& context, const UserRecord& record,
                              const Authenticator& authenticator, const ClockReading& clock) {
  const Kind kind = authenticator.kind;
  if (record.user.suspended) return Verdict(Reason::user_suspended);
  if (authenticator.status != Status::active) return Verdict(Reason::unknown_token);
  if (kind == Kind::temporary_code) {
    if (!temporary_code_usable(authenticator, record.authenticators, clock.now))
      return Verdict(Reason::no_factor, "ended");
  } else if (auto by_policy = barred_by_policy(context.sign_ins.policies.now()->policies,
                                               record.user.audience, authenticator)) {
    return by_policy;
  }
  if (one_time(kind)) return barred_by_time(context, clock, guessable(kind));
  return std::nullopt;
}

std::optional<Verdict> barred_to_codes(const Context& context, const UserRecord& record,
                                       const ClockReading& clock) {
  if (record.user.suspended) return Verdict(Reason::user_suspended);
  return barred_by_time(context, clock, true);
}

std::optional<Verdict> barred(const Context& context, const UserRecord& record,
                              const Authenticator& authenticator) {
  return barred(context, record, authenticator, context.clock.read());
}

}  // namespace countersign::engine
