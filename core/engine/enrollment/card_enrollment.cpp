// SPDX-License-Identifier: Apache-2.0
#include "core/engine/enrollment/card_enrollment.h"

#include <algorithm>
#include <memory>

#include "core/engine/apply.h"
#include "core/engine/events.h"
#include "core/engine/lookup.h"
#include "core/engine/verification/card_credentials.h"
#include "core/engine/verification/challenge.h"

namespace countersign::engine {
namespace {

struct CardAttempt {
  FinishCardEnrollment request;
  Challenge challenge;
  CardJudgement judged;
};

audit::Event event_about(Context& context, const CardAttempt& attempt, const Authenticator& fresh) {
  const CardProof& proof = attempt.request.proof;
  audit::Event event = event_of(context, attempt.request.caller,
                                fresh.generation == 0 ? "enroll" : "authenticator.renew");
  event.user = attempt.challenge.name;
  event.authenticator = to_text(fresh.id);
  event.details.emplace_back("kind", to_name(proof.kind));
  event.details.emplace_back("slot", proof.slot);
  if (!attempt.judged.subject.empty())
    event.details.emplace_back("subject", attempt.judged.subject);
  if (proof.kind == Kind::piv)
    event.details.emplace_back("trust", attempt.judged.by_path ? "path" : "none");
  if (!proof.model.empty()) event.details.emplace_back("model", proof.model);
  std::string all;
  for (const std::string& each : attempt.request.advisories) all += (all.empty() ? "" : " ") + each;
  if (!all.empty()) event.details.emplace_back("advisories", std::move(all));
  if (proof.software) event.details.emplace_back("virtual", "yes");
  return event;
}

// The row as it will be: a fresh one, or the one that is renewed.
Result<Authenticator> row_of(Context& context, const Challenge& challenge, Kind kind) {
  auto row = context.store.authenticator(challenge.authenticator);
  if (!row && row.error().code != Code::not_found) return row;
  if (!row)
    return Authenticator{.id = challenge.authenticator,
                         .user = challenge.user,
                         .kind = kind,
                         .status = Status::active,
                         .label = challenge.label,
                         .created = context.clock.read().now};
  if (row->user != challenge.user || row->kind != kind || row->status != Status::active)
    return fail(Code::conflict, "it is not active any more, so it was not renewed");
  if (!challenge.label.empty()) row->label = challenge.label;
  return row;
}

Result<Prepared<AuthenticatorId>> bind(Context& context, const CardAttempt& attempt) {
  const CardProof& proof = attempt.request.proof;
  const auto record = TRY(user_named(context, attempt.challenge.name));
  if (record->user.id != attempt.challenge.user)
    return fail(Code::not_found, "this name belongs to another user now; enrol again");
  Authenticator row = TRY(row_of(context, attempt.challenge, proof.kind));
  Authenticator& fresh = row;
  fresh.handle = card_handle_of(proof.public_key);
  if (!attempt.request.serial.empty()) fresh.serial = attempt.request.serial;
  auto rows = TRY(context.store.authenticators({.kind = proof.kind, .handle = fresh.handle}));
  if (std::ranges::any_of(rows, [&](const Authenticator& each) {
        return each.status != Status::revoked && each.id != fresh.id;
      }))
    return fail(Code::exists, "credential-exists: this card's key is bound already");
  fresh.material = context.vault.seal(
      crypto::Purpose::authenticator, to_text(fresh.id),
      Secret(BytesView(encode(CardCredential{proof.public_key, proof.certificate, proof.slot,
                                             proof.model, proof.software}))));
  Change change;
  change.require.push_back({record->user.id, record->user.generation});
  Grounds grounds = attempt.challenge.grounds;
  if (fresh.generation != 0) grounds = {.basis = fresh.basis, .by = {}};  // renewed
  audit::Event event = event_about(context, attempt, fresh);
  TRY(engine::bind(context, change, attempt.request.caller, *record, std::move(fresh), grounds,
                   std::move(event)));
  return Prepared<AuthenticatorId>{.change = std::move(change),
                                   .answer = attempt.challenge.authenticator};
}

}  // namespace

void begin_card_enrollment(Context& context, BeginCardEnrollment request,
                           Then<CardEnrollmentOptions> then) {
  if (auto held = validate_label(request.label); !held) return then(std::unexpected(held.error()));
  const auto record = user_named(context, request.user);
  if (!record) return then(std::unexpected(record.error()));
  Challenge challenge{
      .purpose = ChallengePurpose::enroll,
      .value = {},
      .uv = request.uv,
      .user = (*record)->user.id,
      .name = (*record)->user.name,
      .credentials = {},
      .cards = {},
      .authenticator = request.renews ? *request.renews : context.ids.make<AuthenticatorId>(),
      .label = request.label,
      .grounds = std::move(request.grounds)};
  const Result<HeldChallenge> held = hold_challenge(context, request.caller, challenge);
  if (!held) return then(std::unexpected(held.error()));
  then(CardEnrollmentOptions{
      .id = held->id, .message = card_message(challenge.value), .expires = held->expires});
}

void finish_card_enrollment(Context& context, FinishCardEnrollment request,
                            Then<AuthenticatorId> then) {
  Result<Challenge> challenge =
      take_challenge(context, request.caller, request.id, ChallengePurpose::enroll);
  if (!challenge) return then(std::unexpected(challenge.error()));
  CardJudgement judged = judge_card(context, request.proof, challenge->value, challenge->uv);
  if (!judged.refused.empty()) return then(fail(Code::invalid, judged.refused + ": " + judged.why));
  auto attempt = std::make_shared<const CardAttempt>(
      CardAttempt{std::move(request), std::move(*challenge), std::move(judged)});
  apply<AuthenticatorId>(
      context, [&context, attempt] { return bind(context, *attempt); }, std::move(then));
}

}  // namespace countersign::engine
