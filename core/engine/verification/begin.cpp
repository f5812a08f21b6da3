// SPDX-License-Identifier: Apache-2.0
#include "core/engine/verification/begin.h"

#include <utility>

#include "core/engine/verification/card_credentials.h"
#include "core/engine/verification/challenge.h"
#include "core/engine/verification/fido2_credentials.h"
#include "core/engine/verification/frame.h"
#include "core/engine/verification/gate.h"

namespace countersign::engine {
namespace {

// The user's security keys as a browser or token is offered them.
Result<std::vector<AssertionOptions::Allowed>> keys_of(Context& context, const UserRecord& record) {
  std::vector<AssertionOptions::Allowed> all;
  for (const Authenticator& authenticator : record.authenticators) {
    if (authenticator.kind != Kind::fido2 || barred(context, record, authenticator)) continue;
    const auto known = TRY(context.credentials.open(context.vault, authenticator));
    all.push_back({known->credential.id, known->credential.transports});
  }
  return all;
}

// Offers what a named user has; the challenge remembers what was offered.
std::optional<Verdict> offer(Context& context, const BeginAssertion& request, Challenge& challenge,
                             AssertionOptions& options) {
  const auto record = context.store.user_by_name(*request.user);
  if (!record)
    return Verdict(record.error().code == Code::not_found ? Reason::unknown_user
                                                          : Reason::unavailable);
  if ((*record)->user.suspended) return Verdict(Reason::user_suspended);
  auto allowed = keys_of(context, **record);
  if (!allowed) return Verdict(Reason::unavailable);
  const bool any_card = named_by_certificates(context);
  if (request.cards) {
    challenge.cards = card_handles(context, **record);
    options.slots = hmac_slots(context, **record);
  }
  options.keys = !allowed->empty();
  options.cards = request.cards && (!challenge.cards.empty() || any_card);
  if (!any_card) options.card_keys = challenge.cards;
  for (const SlotName& each : options.slots) challenge.slots.push_back(handle_of(each));
  if (!options.keys && !options.cards && options.slots.empty()) return Verdict(Reason::no_factor);
  challenge.user = (*record)->user.id;
  challenge.name = *request.user;
  for (const auto& each : *allowed) challenge.credentials.push_back(each.id);
  options.allowed = std::move(*allowed);
  return std::nullopt;
}

}  // namespace

void begin_assertion(Context& context, BeginAssertion request,
                     std::move_only_function<void(std::expected<AssertionOptions, Verdict>)> then) {
  const auto refuse = [&](Verdict verdict) {
    const bool named = request.user && verdict.reason() != Reason::unknown_user;
    // A card or a YubiKey's slot could have answered as well.
    const auto kind = request.cards ? std::nullopt : std::optional(Kind::fido2);
    deny(context, request.caller, request.user.value_or(""), named, kind, std::move(verdict),
         [then = std::move(then)](Verdict recorded) mutable {
           then(std::unexpected(std::move(recorded)));
         });
  };
  Challenge challenge{.purpose = ChallengePurpose::verify, .uv = request.uv};
  AssertionOptions options{.uv = request.uv};
  if (!request.user)
    options.cards = request.cards;
  else if (auto why = offer(context, request, challenge, options))
    return refuse(std::move(*why));
  const Result<HeldChallenge> held = hold_challenge(context, request.caller, challenge);
  if (!held) return refuse(Verdict(Reason::unavailable));
  options.id = held->id;
  options.challenge = std::move(challenge.value);
  options.expires = held->expires;
  then(std::move(options));
}

void abandon_assertion(Context& context, Caller caller, const std::string& id, Verdict because,
                       ThenVerdict then) {
  const Result<Challenge> challenge = take_challenge(context, caller, id, ChallengePurpose::verify);
  deny(context, caller, challenge ? challenge->name : std::string(), challenge && challenge->user,
       std::nullopt, because.verified() ? Verdict(Reason::denied) : std::move(because),
       std::move(then));
}

}  // namespace countersign::engine
