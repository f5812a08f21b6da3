// SPDX-License-Identifier: Apache-2.0
#include "core/engine/verification/challenge.h"

#include "core/engine/pending/waiting.h"

namespace countersign::engine {
namespace {

constexpr std::size_t challenge_size = 32;

}  // namespace

// Counted apart from the enrolments that this caller has begun.
std::uint64_t Challenge::owner(const Caller& caller) {
  return owner_for(caller, "challenge " + caller.service);
}

Result<HeldChallenge> hold_challenge(Context& context, const Caller& caller, Challenge& challenge) {
  challenge.value.resize(challenge_size);
  context.random.fill(challenge.value);
  const HeldChallenge held{
      .id = to_text(context.ids.next()),
      .expires = context.clock.read().now + context.rules.fido2.challenge_lives};
  TRY(hold(context,
           {.id = held.id,
            .owner = Challenge::owner(caller),
            .holder = caller.holder(),
            .expires = held.expires,
            .most_per_owner = context.rules.fido2.challenges_per_caller},
           challenge));
  return held;
}

Result<Challenge> take_challenge(Context& context, const Caller& caller, const std::string& id,
                                 ChallengePurpose purpose) {
  const auto none = [] {
    return fail(Code::not_found,
                "there is no challenge with this id: it was answered already, or has expired");
  };
  Result<Challenge> challenge = take<Challenge>(context, caller, id);
  if (!challenge && challenge.error().code == Code::not_found) return none();
  if (challenge && challenge->purpose != purpose) return none();
  return challenge;
}

}  // namespace countersign::engine
