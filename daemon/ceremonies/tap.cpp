// SPDX-License-Identifier: Apache-2.0
#include "daemon/ceremonies/tap.h"

#include <algorithm>
#include <utility>

#include "core/engine/sign_in_shared.h"
#include "core/engine/verification/begin.h"
#include "core/engine/verification/card.h"
#include "core/engine/verification/card_credentials.h"
#include "daemon/api/codec/encode.h"
#include "daemon/api/tap.h"
#include "daemon/api/token_words.h"
#include "daemon/ceremonies/card_evidence.h"
#include "daemon/tokens/card_client.h"
#include "daemon/tokens/fido2_client.h"
#include "daemon/tokens/here.h"
#include "daemon/tokens/slot_client.h"
#include "daemon/views/advisory_view.h"

namespace countersign::routes {
namespace {

std::optional<std::string> if_any(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

// The prompt names user and service (T46).
void tell(const Tap& tap, const tokens::Told& told) {
  api::TapEvent event{.event = told.prompt,
                      .device = if_any(told.device),
                      .user = if_any(tap.user),
                      .service = if_any(tap.caller.service),
                      .interaction = if_any(told.interaction),
                      .retries = told.retries,
                      .min_length = {},
                      .again = {},
                      .about = {}};
  if (told.min_length > 0) event.min_length = told.min_length;
  if (told.again) event.again = true;
  tap.stream->event(api::encode(event));
}

Verdict verdict_of(const tokens::Failed& failed) {
  switch (failed.failure) {
    case reader::Failure::absent:
      return Verdict(Reason::no_token);
    case reader::Failure::timed_out:
      return Verdict(Reason::timed_out);
    case reader::Failure::cancelled:
    case reader::Failure::declined:
      return Verdict(Reason::cancelled);
    case reader::Failure::no_credential:
      return Verdict(Reason::unknown_token);
    case reader::Failure::removed:
    case reader::Failure::permission:
    case reader::Failure::busy:
    case reader::Failure::wrong_pin:
    case reader::Failure::pin_blocked:
    case reader::Failure::card_pin_blocked:
    case reader::Failure::wrong_management_key:
    case reader::Failure::puk_blocked:
    case reader::Failure::pin_paused:
    case reader::Failure::pin_not_set:
    case reader::Failure::pin_refused:
    case reader::Failure::uv_failed:
    case reader::Failure::excluded:
    case reader::Failure::full:
    case reader::Failure::unsupported:
    case reader::Failure::slot_refused:
    case reader::Failure::reset_too_late:
    case reader::Failure::advisory:
    case reader::Failure::malformed:
    case reader::Failure::internal:
      return Verdict(Reason::token_failed, std::string(to_name(failed.failure)));
  }
  std::unreachable();
}

std::chrono::milliseconds budget_of(const std::optional<int>& seconds) {
  return std::chrono::seconds(std::clamp(seconds.value_or(60), 1, 600));
}

}  // namespace

std::shared_ptr<Tap> tap_for(Services& services, const http::Call& call, std::string user,
                             const std::optional<int>& seconds,
                             std::shared_ptr<http::Stream> stream) {
  return std::make_shared<Tap>(Tap{.services = services,
                                   .stream = std::move(stream),
                                   .caller = call.caller,
                                   .process = call.process,
                                   .user = std::move(user),
                                   .budget = budget_of(seconds)});
}

bool caller_is_here(const Services& services, const http::Call& call, std::optional<bool> claimed) {
  // Of root's claim only what its own login session does not deny: a console's device can be opened
  // from afar, too.
  if (claimed && call.caller.uid == 0) return *claimed && !tokens::is_elsewhere(call.process.get());
  return tokens::is_here(call.process.get(), services.here);
}

void use_tokens(const std::shared_ptr<Tap>& tap, tokens::Plan plan, tokens::Finish finish) {
  auto ticket =
      tap->services.desk->use(std::move(plan),
                              {.holder = tap->caller.holder(),
                               .tell = [tap](const tokens::Told& told) { tell(*tap, told); }},
                              tap->budget, std::move(finish));
  tap->stream->when_gone([weak = std::weak_ptr(ticket)] {
    if (const auto held = weak.lock()) held->cancel();
  });
}

namespace {

// A tap that waits for whichever token the person uses.
struct Question {
  std::shared_ptr<Tap> tap;
  std::string id;  // of the challenge
  tokens::Fido2Ceremony ceremony;
  std::move_only_function<void(TapVerified)> then;
};

// A security key that an advisory speaks against is not asked for anything; the person hears why.
std::optional<std::string> refused(const Tap& tap, const devices::Device& device,
                                   const std::optional<devices::Fido2Info>& fido2) {
  if (!devices::is_security_key(device)) return std::nullopt;
  const auto finding = refused_at_verification(device, fido2, tap.services.assurance);
  if (!finding) return std::nullopt;
  api::TapEvent event{.event = api::Prompt::advisory};
  event.device = device.model;
  event.advisory = std::string(finding->id);
  event.about = "This key does not count here any more. " + words_of(*finding);
  tap.stream->event(api::encode(event));
  return std::string(finding->id);
}

tokens::Plan plan_for(Question& question, const webauthn::RelyingParty& rp,
                      const engine::AssertionOptions& options) {
  tokens::Plan plan{.vet = [tap = question.tap](const devices::Device& device,
                                                const std::optional<devices::Fido2Info>& fido2) {
    return refused(*tap, device, fido2);
  }};
  if (options.keys) {
    question.ceremony = tokens::assertion_ceremony(rp, options);
    plan.ways.push_back(std::move(question.ceremony.way));
  }
  if (!options.slots.empty())
    plan.ways.push_back(tokens::slot_way(options.slots, engine::slot_message(options.challenge)));
  if (!options.cards) return plan;
  tokens::Way way =
      tokens::card_way({.keys = options.card_keys,
                        .message = engine::card_message(options.challenge),
                        .verified = options.uv == webauthn::UserVerification::required});
  engine::Context& context = question.tap->services.context;
  // Whoever it is: somebody's enrolled card. A stranger's is not asked for its PIN.
  if (options.card_keys.empty() && !engine::named_by_certificates(context))
    way.meant = [&context](std::vector<Bytes> held) {
      std::erase_if(held, [&context](const Bytes& handle) {
        return !engine::is_enrolled_card(context, handle);
      });
      return held;
    };
  plan.ways.push_back(std::move(way));
  return plan;
}

// Whether anything hangs on the token's being taken away: an action, or a grace.
bool to_be_watched(const Services& services, const std::string& user) {
  if (services.removal == nullptr || services.acts_on_removal) return services.removal != nullptr;
  const auto record = services.context.store.user_by_name(user);
  const auto in_force = services.context.sign_ins.policies.now();
  return record && policy_for(in_force->policies, (*record)->user.audience).grace.hours != 0;
}

void answer(const std::shared_ptr<Question>& question, const tokens::Outcome& outcome) {
  engine::Context& context = question->tap->services.context;
  const auto tell = [question, device = outcome.device](Verdict verdict) {
    const Tap& tap = *question->tap;
    const std::string& user = verdict.user().empty() ? tap.user : verdict.user();
    if (verdict.verified() && to_be_watched(tap.services, user))
      tap.services.removal->used(device, user, tap.process.get());
    question->then({std::move(verdict), {}});
  };
  if (auto proof = tokens::card_proof(outcome)) {
    return with_evidence(
        question->tap->services, question->tap->caller.holder(), std::move(*proof),
        [question, &context, tell](engine::CardProof complete) {
          engine::finish_card_assertion(
              context,
              {.caller = question->tap->caller, .id = question->id, .proof = std::move(complete)},
              tell);
        });
  }
  if (auto proof = tokens::slot_proof(outcome)) {
    proof->caller = question->tap->caller;
    proof->id = question->id;
    return engine::finish_slot_assertion(context, std::move(*proof), tell);
  }
  if (auto response = tokens::assertion_response(question->ceremony, outcome.reply)) {
    response->caller = question->tap->caller;
    response->id = question->id;
    return engine::finish_assertion(context, std::move(*response), tell);
  }
  engine::abandon_assertion(context, question->tap->caller, question->id, verdict_of({}), tell);
}

}  // namespace

void verify_by_tap(const std::shared_ptr<Tap>& tap, std::optional<std::string> named,
                   webauthn::UserVerification uv, std::move_only_function<void(TapVerified)> then) {
  engine::Context& context = tap->services.context;
  engine::begin_assertion(
      context, {.caller = tap->caller, .user = std::move(named), .uv = uv, .cards = true},
      [tap, &context,
       then = std::move(then)](std::expected<engine::AssertionOptions, Verdict> options) mutable {
        if (!options) return then({std::move(options.error()), {}});
        auto question = std::make_shared<Question>(Question{tap, options->id, {}, std::move(then)});
        tokens::Plan plan = plan_for(*question, context.rules.fido2.rp, *options);
        use_tokens(tap, std::move(plan),
                   [question, &context](std::expected<tokens::Outcome, tokens::Failed> outcome) {
                     if (outcome) return answer(question, *outcome);
                     engine::abandon_assertion(
                         context, question->tap->caller, question->id, verdict_of(outcome.error()),
                         [question, retries = outcome.error().retries](Verdict verdict) {
                           question->then({std::move(verdict), retries});
                         });
                   });
      });
}

Error error_of(const tokens::Failed& failed) {
  const std::string_view name = to_name(failed.failure);
  std::string words = api::token_words(name, failed.retries);
  const bool ours =
      failed.failure == reader::Failure::internal || failed.failure == reader::Failure::advisory;
  if (ours && !failed.detail.empty()) words = failed.detail;
  return {api::token_code(name), std::move(words)};
}

}  // namespace countersign::routes
