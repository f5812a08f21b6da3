// SPDX-License-Identifier: Apache-2.0
#include "daemon/ceremonies/card_order.h"

#include <algorithm>
#include <utility>

#include "core/engine/enrollment/card_enrollment.h"
#include "core/engine/enrollment/card_issuing.h"
#include "core/engine/enrollment/registration.h"
#include "core/engine/verification/card_credentials.h"
#include "daemon/api/cards.h"
#include "daemon/ceremonies/card_answers.h"
#include "daemon/ceremonies/card_evidence.h"
#include "daemon/ceremonies/card_owner.h"
#include "daemon/tokens/card_client.h"
#include "daemon/tokens/card_objects.h"
#include "daemon/views/advisory_view.h"

namespace countersign::routes {
namespace {

// One card on its way. Each step runs on the loop's thread.
struct Work {
  std::shared_ptr<Tap> tap;
  CardOrder order;
  std::string device;  // as asked for; then the one that it is
  bool has_chuid = false;
  bool software = false;
  Bytes guid;
  std::optional<crypto::PublicKey> key;
  std::optional<crypto::RequestDraft> draft;
  std::string challenge;  // its id
  engine::CardProof proof = {};
  std::shared_ptr<CardAnswers> secrets;
  api::CardProvisioned answer = {};
};
using Shared = std::shared_ptr<Work>;

void give_up(const Work& work, const Error& error) {
  if (!work.challenge.empty())
    engine::abandon_registration(work.tap->services.context, work.tap->caller, work.challenge);
  work.tap->stream->fail(error);
}
void give_up(const Work& work, const tokens::Failed& failed) {
  Error error = error_of(failed);
  const std::string left = "the same command goes on with it";  // T31
  if (work.secrets && failed.failure == reader::Failure::removed)
    error.what = "the card was pulled out, or stopped answering, before it was finished; " + left;
  else if (work.secrets)
    error.what += ". The card is not finished yet; " + left;
  give_up(work, error);
}
const tokens::Failed no_answer{.failure = reader::Failure::malformed};

std::string slot_serial(const Work& work) { return work.answer.serial + "-" + work.order.key.slot; }

std::optional<std::string> vet(const devices::Device& device) {
  for (const Finding& each : against_card(device, TokenOperation::piv_enroll))
    if (each.verdict == AdvisoryVerdict::refuse)
      return "this " + device.model + " is not provisioned: " + std::string(each.id) + ": " +
             words_of(each);
  return std::nullopt;
}

tokens::Plan plan_for(const Shared& work, reader::Request request) {
  tokens::Plan plan{.device = work->device};
  plan.ways.push_back({.needs = {devices::Capability::piv}, .request = std::move(request)});
  plan.vet = [](const devices::Device& device, const std::optional<devices::Fido2Info>&) {
    return vet(device);
  };
  if (work->secrets)
    plan.answer = [answers = work->secrets](const reader::Prompt& prompt) {
      return answers->to(prompt);
    };
  return plan;
}

// On the loop's thread, from a thread of the store's.
template <class T>
auto on_loop(const Shared& work, std::function<void(const Shared&, T)> next) {
  return [work, next = std::move(next)](Result<T> result) mutable {
    auto held = std::make_shared<Result<T>>(std::move(result));
    work->tap->services.post([work, held, next = std::move(next)] {
      if (!*held) return give_up(*work, held->error());
      next(work, std::move(**held));
    });
  };
}

// --- the last step: what the card signed counts ---

void bind(const Shared& work) {
  engine::finish_card_enrollment(
      work->tap->services.context,
      {.caller = work->tap->caller,
       .id = std::exchange(work->challenge, {}),
       .proof = work->proof,
       .serial = slot_serial(*work)},
      on_loop<AuthenticatorId>(work, [](const Shared& held, AuthenticatorId id) {
        held->answer.authenticator = to_text(id);
        held->tap->stream->finish(api::encode(held->answer));
      }));
}

void answer_request(const Shared& work, const Bytes& signature) {
  const auto request = work->draft->finish(signature);
  if (!request) return give_up(*work, request.error());
  work->answer.request = crypto::to_pem("CERTIFICATE REQUEST", *request);
  work->tap->stream->finish(api::encode(work->answer));
}

void on_installed(const Shared& work, std::expected<tokens::Outcome, tokens::Failed> outcome) {
  if (!outcome && outcome.error().failure == reader::Failure::no_credential)
    return give_up(*work,
                   Error{Code::invalid, "slot " + work->order.key.slot +
                                            " of the card has another key than the certificate is "
                                            "for; the certificate was not put on it"});
  if (!outcome) return give_up(*work, outcome.error());
  auto* installed = std::get_if<reader::CardInstalled>(&outcome->reply);
  if (installed == nullptr) return give_up(*work, no_answer);
  work->answer.pin_set = installed->pin;
  work->answer.puk_set = installed->puk;
  work->answer.management_key_set = installed->management_key;
  if (work->draft) return answer_request(work, installed->signature);
  work->proof.signature = std::move(installed->signature);
  work->proof.verified = installed->verified;
  bind(work);
}

void install(const Shared& work, Bytes message, Bytes certificate, Time until) {
  reader::CardInstall request{.serial = work->answer.serial,
                              .slot = work->order.key.slot,
                              .public_key = work->key->spki(),
                              .message = std::move(message),
                              .certificate = std::move(certificate)};
  if (!work->has_chuid) {
    request.chuid = tokens::make_chuid(work->guid, until);
    request.capabilities = tokens::make_capabilities(work->tap->services.context.random);
  }
  use_tokens(work->tap, plan_for(work, std::move(request)),
             [work](auto outcome) { on_installed(work, std::move(outcome)); });
}

// --- the certificate ---

// Nothing stands on the card that would not let its user in.
void judge(const Shared& work, const crypto::Certificate& certificate) {
  work->answer.certificate = crypto::to_pem("CERTIFICATE", certificate.der());
  work->answer.not_after = certificate.not_after();
  work->proof = {.slot = work->order.key.slot,
                 .public_key = work->key->spki(),
                 .certificate = certificate.der(),
                 .signature = {},
                 .software = work->software,
                 .model = work->answer.model};
  with_evidence(
      work->tap->services, work->tap->caller.holder(), work->proof,
      [work, until = certificate.not_after()](engine::CardProof complete) {
        engine::Context& context = work->tap->services.context;
        work->proof = std::move(complete);
        const engine::CardJudgement judged = engine::judge_certificate(context, work->proof);
        if (!judged.refused.empty())
          return give_up(*work,
                         Error{Code::invalid, judged.refused + ": " + judged.why +
                                                  ". The certificate was not put on the card"});
        engine::BeginCardEnrollment enrollment{.caller = work->tap->caller,
                                               .user = work->tap->user,
                                               .label = work->order.label,
                                               .grounds = work->order.grounds};
        if (work->order.renews) enrollment.renews = work->order.renews->id;
        engine::begin_card_enrollment(context, std::move(enrollment),
                                      [work, until](Result<engine::CardEnrollmentOptions> options) {
                                        if (!options) return give_up(*work, options.error());
                                        work->challenge = options->id;
                                        install(work, options->message, work->proof.certificate,
                                                until);
                                      });
      });
}

std::string algorithm_of(const crypto::PublicKey& key) {
  if (const auto numbers = key.rsa()) return "RSA-" + std::to_string(numbers->n.size() * 8);
  if (const auto point = key.point()) return point->x.size() == 32 ? "P-256" : "P-384";
  return "Ed25519";
}

void certify(const Shared& work, crypto::PublicKey key) {
  engine::Context& context = work->tap->services.context;
  work->key = std::move(key);
  work->answer.algorithm = algorithm_of(*work->key);
  if (work->order.certificate) return judge(work, *work->order.certificate);
  if (!work->order.request_only)
    return engine::issue_card_certificate(
        context,
        {.caller = work->tap->caller,
         .user = work->tap->user,
         .serial = work->answer.serial,
         .slot = work->order.key.slot,
         .card_uuid = tokens::uuid_text(work->guid),
         .key = *work->key,
         .authority = work->order.authority,
         .attested = work->answer.attested.value_or(false),
         .lives = work->order.lives},
        on_loop<crypto::Certificate>(
            work, [](const Shared& held, const crypto::Certificate& certificate) {
              judge(held, certificate);
            }));
  auto draft = crypto::RequestDraft::make(work->tap->user, *work->key);
  if (!draft) return give_up(*work, draft.error());
  work->draft = std::move(*draft);
  install(work, work->draft->to_sign(), {}, context.clock.read().now + work->order.lives);
}

// --- the key ---

// Whether the card made it, as far as that can be told. What the card says is shown only when it is
// about this very key.
void judge_attestation(const Shared& work, crypto::PublicKey key,
                       const reader::CardAttested& said) {
  const engine::Context& context = work->tap->services.context;
  const certificates::AttestationPolicy& policy = context.rules.cards.attestation;
  if (certificates::statement_about(key, said.statement))
    work->answer.attestation = crypto::to_pem("CERTIFICATE", said.statement);
  if (!policy.roots.empty()) {
    const auto judged =
        certificates::judge_attestation({.statement = said.statement, .attester = said.attester},
                                        {.key = key,
                                         .serial = work->answer.serial,
                                         .pin_policy = work->order.key.pin_policy,
                                         .touch_policy = work->order.key.touch_policy},
                                        policy, context.clock.read().now);
    if (!judged && policy.required)
      return give_up(*work, Error{Code::not_permitted,
                                  "the key is not certified, it has to be attested here: " +
                                      judged.error().what});
    work->answer.attested = judged.has_value();
    if (!judged) work->answer.not_attested = judged.error().what;
  }
  certify(work, std::move(key));
}

void attest(const Shared& work, crypto::PublicKey key) {
  use_tokens(
      work->tap,
      plan_for(work,
               reader::CardAttest{.serial = work->answer.serial, .slot = work->order.key.slot}),
      [work, key = std::move(key)](std::expected<tokens::Outcome, tokens::Failed> outcome) mutable {
        if (!outcome) return give_up(*work, outcome.error());
        const auto* said = std::get_if<reader::CardAttested>(&outcome->reply);
        if (said == nullptr) return give_up(*work, no_answer);
        judge_attestation(work, std::move(key), *said);
      });
}

void on_generated(const Shared& work, const reader::CardGenerated& made) {
  auto key = engine::card_key(made.public_key);  // ROCA's are refused here (T42)
  if (!key) return give_up(*work, key.error());
  attest(work, std::move(*key));
}

// The key that the slot has already: of the certificate that came, or of the authenticator that is
// renewed.
Result<crypto::PublicKey> known_key(const Work& work) {
  if (work.order.certificate) {
    const auto algorithm = work.order.certificate->key_algorithm();
    const auto key = algorithm ? work.order.certificate->public_key(*algorithm)
                               : Result<crypto::PublicKey>(fail(Code::invalid, {}));
    if (key) return engine::card_key(key->spki());
    return fail(Code::invalid,
                "certificate-key: the certificate's key is not supported. RSA of 2048 to 4096 "
                "bits, P-256, P-384 and Ed25519 are");
  }
  const auto credential = TRY(engine::open_card(work.tap->services.context, *work.order.renews));
  return engine::card_key(credential.public_key);
}

void make_key(const Shared& work, engine::CardSecrets secrets) {
  work->secrets = std::make_shared<CardAnswers>(std::move(secrets), work->order.management_key);
  if (!work->order.new_key) {
    auto key = known_key(*work);
    if (!key) return give_up(*work, key.error());
    if (work->tap->services.context.rules.cards.attestation.roots.empty())
      return certify(work, std::move(*key));
    return attest(work, std::move(*key));
  }
  work->order.key.serial = work->answer.serial;
  use_tokens(work->tap, plan_for(work, work->order.key),
             [work](std::expected<tokens::Outcome, tokens::Failed> outcome) {
               if (!outcome) return give_up(*work, outcome.error());
               const auto* made = std::get_if<reader::CardGenerated>(&outcome->reply);
               if (made == nullptr) return give_up(*work, no_answer);
               on_generated(work, *made);
             });
}

// --- which card it is, and whose ---

const devices::CardApplet* piv_of(const tokens::Outcome& outcome) {
  if (!outcome.card) return nullptr;
  const auto found = std::ranges::find(outcome.card->applets, devices::Capability::piv,
                                       &devices::CardApplet::kind);
  return found == outcome.card->applets.end() ? nullptr : &*found;
}

void on_found(const Shared& work, const tokens::Outcome& outcome) {
  const auto* applet = piv_of(outcome);
  const auto* listed = std::get_if<reader::CardListed>(&outcome.reply);
  if (applet == nullptr || listed == nullptr)
    return give_up(*work, tokens::Failed{.failure = reader::Failure::unsupported});
  if (applet->serial.empty())
    return give_up(*work, Error{Code::invalid,
                                "the card tells no serial number, so its keys can't be kept for "
                                "it: provision it with its maker's program, and enrol it then"});
  engine::Context& context = work->tap->services.context;
  work->device = outcome.device.id;
  work->software = tokens::is_software(outcome.device);
  work->has_chuid = applet->id.size() == 16;
  work->guid = work->has_chuid ? applet->id : tokens::make_guid(context.random);
  work->answer.device = work->device;
  work->answer.model = outcome.device.model;
  work->answer.serial = applet->serial;
  work->answer.slot = work->order.key.slot;
  auto renews = owner_settled(context,
                              {.user = work->tap->user,
                               .slot = work->order.key.slot,
                               .serial = slot_serial(*work),
                               .keys = listed->keys},
                              work->order.renews);
  if (!renews) return give_up(*work, renews.error());
  work->order.renews = std::move(*renews);
  engine::keep_card_secrets(
      context, work->tap->caller, applet->serial,
      on_loop<engine::CardSecrets>(work, [](const Shared& held, engine::CardSecrets secrets) {
        make_key(held, std::move(secrets));
      }));
}

}  // namespace

void carry_out(const std::shared_ptr<Tap>& tap, std::string device, CardOrder order) {
  const auto work = std::make_shared<Work>(
      Work{.tap = tap, .order = std::move(order), .device = std::move(device)});
  tokens::Plan plan = plan_for(work, reader::CardList{});
  if (work->order.renews) {  // of several cards the one with its key; an interrupted renewal took
                             // that away
    plan.ways.front().preflight = reader::CardHolds{.keys = {work->order.renews->handle},
                                                    .applets = {devices::Capability::piv}};
    plan.ways.front().may_hide = true;
  }
  use_tokens(tap, std::move(plan), [work](std::expected<tokens::Outcome, tokens::Failed> outcome) {
    if (!outcome) return give_up(*work, outcome.error());
    on_found(work, *outcome);
  });
}

}  // namespace countersign::routes
