// SPDX-License-Identifier: Apache-2.0
#include "core/engine/enrollment/registration.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "core/engine/apply.h"
#include "core/engine/enrollment/attestation_trust.h"
#include "core/engine/events.h"
#include "core/engine/lookup.h"
#include "core/engine/verification/challenge.h"
#include "core/engine/verification/fido2_credentials.h"
#include "core/webauthn/registration.h"

namespace countersign::engine {
namespace {

// "countersign-virt", the AAGUID of the software key that comes with us: it never counts outside of
// a demo store (T50).
constexpr std::string_view virtual_model = "countersign-virt";

bool is_virtual(const webauthn::Credential& credential) {
  return as_text(credential.aaguid) == virtual_model;
}

Error refusal(const webauthn::Report& report) {
  const auto step = report.refused();
  if (!step) return {Code::invalid, "the key's answer was refused"};
  const std::string_view why = report.why(*step);
  return {Code::invalid, std::string(webauthn::text_of(*step).reason) + (why.empty() ? "" : ": ") +
                             std::string(why)};
}

Result<webauthn::Credential> judge(Context& context, const FinishRegistration& request,
                                   const Challenge& challenge) {
  const auto trust = context.attestation.now();
  webauthn::RegistrationJudgement judged = webauthn::judge_registration(
      {.client_data_json = request.client_data_json,
       .attestation_object = request.attestation_object,
       .transports = request.transports},
      {.rp = context.rules.fido2.rp,
       .challenge = challenge.value,
       .user_verification = challenge.uv,
       .algorithms = {offered_algorithms.begin(), offered_algorithms.end()},
       .attestation = trust->policy,
       .registered = {},
       .now = context.clock.read().now});
  if (!judged.credential) return std::unexpected(refusal(judged.report));
  if (is_virtual(*judged.credential) && !context.rules.fido2.virtual_tokens)
    return fail(Code::invalid, "virtual-token: software keys count on demo stores only");
  return std::move(*judged.credential);
}

Result<bool> taken(Context& context, const Bytes& handle) {
  const auto rows = TRY(context.store.authenticators({.kind = Kind::fido2, .handle = handle}));
  return std::ranges::any_of(
      rows, [](const Authenticator& each) { return each.status != Status::revoked; });
}

Result<Prepared<AuthenticatorId>> bind(Context& context, const FinishRegistration& request,
                                       const Challenge& challenge,
                                       const webauthn::Credential& credential) {
  const auto record = TRY(user_named(context, challenge.name));
  if (record->user.id != challenge.user)
    return fail(Code::not_found, "this name belongs to another user now; enrol again");
  Authenticator fresh{
      .id = challenge.authenticator,
      .user = challenge.user,
      .kind = Kind::fido2,
      .status = Status::active,
      .label = challenge.label,
      .handle = handle_of(credential.id),
      .progress = {.counter = credential.counter, .detail = credential.backed_up ? 1 : 0},
      .created = context.clock.read().now};
  const bool held = TRY(taken(context, fresh.handle));
  if (held) return fail(Code::exists, "credential-exists: this credential is bound already");
  fresh.material = context.vault.seal(crypto::Purpose::authenticator, to_text(fresh.id),
                                      Secret(BytesView(webauthn::encode(credential))));
  audit::Event event = event_of(context, request.caller, "enroll");
  event.user = challenge.name;
  event.authenticator = to_text(fresh.id);
  event.details.emplace_back("kind", to_name(Kind::fido2));
  event.details.emplace_back("attestation", credential.attestation_format);
  event.details.emplace_back("trust", to_name(credential.trust));
  if (!request.model.empty()) event.details.emplace_back("model", request.model);
  if (!request.advisories.empty()) {
    std::string all;
    for (const std::string& each : request.advisories) all += (all.empty() ? "" : " ") + each;
    event.details.emplace_back("advisories", std::move(all));
  }
  if (is_virtual(credential)) event.details.emplace_back("virtual", "yes");
  Change change;
  change.require.push_back({record->user.id, record->user.generation});
  TRY(engine::bind(context, change, request.caller, *record, std::move(fresh), challenge.grounds,
                   std::move(event)));
  return Prepared<AuthenticatorId>{.change = std::move(change), .answer = challenge.authenticator};
}

}  // namespace

void begin_registration(Context& context, BeginRegistration request,
                        Then<RegistrationOptions> then) {
  if (auto held = validate_label(request.label); !held) return then(std::unexpected(held.error()));
  const auto record = user_named(context, request.user);
  if (!record) return then(std::unexpected(record.error()));
  const User& user = (*record)->user;
  Challenge challenge{.purpose = ChallengePurpose::enroll,
                      .value = {},
                      .uv = request.uv,
                      .user = user.id,
                      .name = user.name,
                      .credentials = {},
                      .cards = {},
                      .authenticator = context.ids.make<AuthenticatorId>(),
                      .label = request.label,
                      .discoverable = request.discoverable,
                      .grounds = std::move(request.grounds)};
  for (const Authenticator& each : (*record)->authenticators) {
    if (each.kind != Kind::fido2 || each.status == Status::revoked) continue;
    const auto known = context.credentials.open(context.vault, each);
    if (!known) return then(std::unexpected(known.error()));
    challenge.credentials.push_back((*known)->credential.id);
  }
  const Result<HeldChallenge> held = hold_challenge(context, request.caller, challenge);
  if (!held) return then(std::unexpected(held.error()));
  then(
      RegistrationOptions{.id = held->id,
                          .challenge = std::move(challenge.value),
                          .user_handle = user_handle_of(user.id),
                          .user = user.name,
                          .display_name = user.display_name.empty() ? user.name : user.display_name,
                          .exclude = std::move(challenge.credentials),
                          .uv = request.uv,
                          .discoverable = request.discoverable,
                          .expires = held->expires});
}

void finish_registration(Context& context, FinishRegistration request, Then<AuthenticatorId> then) {
  struct Attempt {
    FinishRegistration request;
    Challenge challenge;
    webauthn::Credential credential;
  };
  Result<Challenge> challenge =
      take_challenge(context, request.caller, request.id, ChallengePurpose::enroll);
  if (!challenge) return then(std::unexpected(challenge.error()));
  Result<webauthn::Credential> credential = judge(context, request, *challenge);
  if (!credential) return then(std::unexpected(credential.error()));
  credential->token = request.token;
  auto attempt = std::make_shared<Attempt>(
      Attempt{std::move(request), std::move(*challenge), std::move(*credential)});
  apply<AuthenticatorId>(
      context,
      [&context, attempt] {
        return bind(context, attempt->request, attempt->challenge, attempt->credential);
      },
      std::move(then));
}

void abandon_registration(Context& context, const Caller& caller, const std::string& id) {
  (void)take_challenge(context, caller, id, ChallengePurpose::enroll);
}

}  // namespace countersign::engine
