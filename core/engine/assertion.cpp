// SPDX-License-Identifier: Apache-2.0
#include "core/engine/assertion.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "core/engine/apply.h"
#include "core/engine/card_credentials.h"
#include "core/engine/challenge.h"
#include "core/engine/denials.h"
#include "core/engine/events.h"
#include "core/engine/fido2_credentials.h"
#include "core/engine/gate.h"
#include "core/engine/verdict_maker.h"
#include "core/webauthn/steps.h"

namespace countersign::engine {
namespace {

using ThenVerdict = std::move_only_function<void(Verdict)>;

// kind: none where a card or a YubiKey's slot could have answered as well.
audit::Event denial(Context& context, const Caller& caller, const std::string& user,
                    const Verdict& verdict, std::optional<Kind> kind) {
  audit::Event event = event_of(context, caller, "verify");
  event.user = user;
  event.outcome = "denied";
  event.reason = verdict.why();
  if (kind) event.details.emplace_back("kind", to_name(*kind));
  return event;
}

// A denial is recorded before it is told, like everything else; or counted. named: there is such a user.
void deny(Context& context, const Caller& caller, const std::string& user, bool named,
          Verdict verdict, std::optional<Kind> kind, ThenVerdict then) {
  Change change;
  add_denial(context, caller, named, denial(context, caller, user, verdict, kind), change);
  record_denial(context, std::move(change), [verdict = std::move(verdict), then = std::move(then)](bool recorded) mutable {
    then(recorded ? std::move(verdict) : Verdict(Reason::unavailable));
  });
}

// The user's security keys as a browser or token is offered them.
Result<std::vector<AssertionOptions::Allowed>> offered(Context& context, const UserRecord& record) {
  std::vector<AssertionOptions::Allowed> all;
  for (const Authenticator& authenticator : record.authenticators) {
    if (authenticator.kind != Kind::fido2 || barred(context, record, authenticator)) continue;
    const auto known = context.credentials.open(context.vault, authenticator);
    if (!known) return std::unexpected(known.error());
    all.push_back({(*known)->credential.id, (*known)->credential.transports});
  }
  return all;
}

// What one look at the store found; becomes a verdict only after its change is committed.
struct Finding {
  Verdict denied{Reason::unavailable};
  std::optional<Authenticator> accepted;
  std::string user;
  bool named = false;       // user is one of ours
  bool identified = false;  // the token said who it is
  VerdictMaker::Worth worth;
};

struct Attempt {
  Context& context;
  FinishAssertion request;
  Challenge challenge;
};

// Whose credential it is: among the named user's, or anybody's.
Result<std::pair<std::shared_ptr<const UserRecord>, std::optional<Authenticator>>> find(Attempt& attempt) {
  Context& context = attempt.context;
  const Bytes handle = handle_of(attempt.request.credential_id);
  UserId owner = attempt.challenge.user;
  if (!owner) {
    auto rows = context.store.authenticators({.kind = Kind::fido2, .status = Status::active, .handle = handle});
    if (!rows) return std::unexpected(rows.error());
    if (rows->empty()) return std::pair(nullptr, std::nullopt);
    owner = rows->front().user;
  }
  auto record = context.store.user_by_id(owner);
  if (!record && record.error().code == Code::not_found) return std::pair(nullptr, std::nullopt);
  if (!record) return std::unexpected(record.error());
  std::optional<Authenticator> mine;
  for (const Authenticator& each : (*record)->authenticators)
    if (each.kind == Kind::fido2 && each.status == Status::active && each.handle == handle) mine = each;
  return std::pair(std::move(*record), std::move(mine));
}

// A single-factor or a multi-factor authenticator, SP 800-63B-4 §3.1.6 and §3.1.7; hardware unless it may be copied.
VerdictMaker::Worth worth_of(const webauthn::Credential& credential, bool user_verified) {
  VerdictMaker::Worth worth{.amr = {credential.backup_eligible ? "swk" : "hwk", "user"}, .aal = 1};
  if (!user_verified) return worth;
  worth.amr.emplace_back("mfa");
  const bool attested_hardware = credential.trust == webauthn::Trust::trusted && !credential.backup_eligible;
  worth.aal = attested_hardware ? 3 : 2;
  return worth;
}

audit::Event event_about(Attempt& attempt, const Finding& finding, std::string_view counter) {
  audit::Event event = finding.accepted
                           ? event_of(attempt.context, attempt.request.caller, "verify")
                           : denial(attempt.context, attempt.request.caller, finding.user,
                                    finding.denied, Kind::fido2);
  event.user = finding.user;
  if (finding.accepted) {
    event.outcome = "verified";
    event.authenticator = to_text(finding.accepted->id);
    event.details.emplace_back("kind", to_name(Kind::fido2));
  }
  if (!counter.empty()) event.details.emplace_back("counter", counter);  // T27: somebody may have a copy of the key
  return event;
}

Prepared<Finding> denied(Attempt& attempt, Finding finding, std::string_view counter = {}) {
  Change change;
  add_denial(attempt.context, attempt.request.caller, finding.named, event_about(attempt, finding, counter), change);
  return {.change = std::move(change), .answer = std::move(finding)};
}

Result<Prepared<Finding>> look(Attempt& attempt) {
  Context& context = attempt.context;
  Finding finding{.denied = Verdict(Reason::unknown_token), .accepted = {}, .user = attempt.challenge.name, .named = !!attempt.challenge.user, .identified = !attempt.challenge.user, .worth = {}};
  auto found = find(attempt);
  if (!found) return std::unexpected(found.error());
  auto& [record, mine] = *found;
  if (record == nullptr || !mine) return denied(attempt, std::move(finding));
  finding.user = record->user.name;
  finding.named = true;
  if (auto why = barred(context, *record, *mine)) {
    finding.denied = std::move(*why);
    return denied(attempt, std::move(finding));
  }
  const auto known = context.credentials.open(context.vault, *mine);
  if (!known) return std::unexpected(known.error());
  webauthn::Credential credential = (*known)->credential;
  credential.counter = static_cast<std::uint32_t>(mine->progress.counter);
  const FinishAssertion& request = attempt.request;
  const Bytes user_handle = user_handle_of(record->user.id);
  const webauthn::AuthenticationJudgement judged = webauthn::judge_authentication(
      {.credential_id = request.credential_id,
       .client_data_json = request.client_data_json,
       .authenticator_data = request.authenticator_data,
       .signature = request.signature,
       .user_handle = request.user_handle ? std::optional<BytesView>(*request.user_handle) : std::nullopt},
      {.rp = context.rules.fido2.rp,
       .challenge = attempt.challenge.value,
       .credential = credential,
       .key = (*known)->key,
       .allowed = attempt.challenge.credentials,
       .user_handle = user_handle,
       .user_handle_needed = finding.identified,
       .user_verification = attempt.challenge.uv,
       .counter_rule = context.rules.fido2.counter});
  const std::string_view counter = judged.counter_went_back ? "went-back" : "";
  Change change;
  if (judged.accepted) {
    mine->progress = {.counter = judged.counter, .detail = judged.backed_up ? 1 : 0, .last_used = context.clock.read().now};
    finding.worth = worth_of(credential, judged.user_verified);
    change.require.push_back({record->user.id, record->user.generation});
    change.writes.emplace_back(Advance{.authenticator = mine->id, .user = record->user.id, .generation = mine->generation, .progress = mine->progress});
    finding.accepted = std::move(*mine);
  } else {
    const auto step = judged.report.refused();
    finding.denied = Verdict(Reason::wrong_proof, std::string(step ? webauthn::text_of(*step).reason : "wrong-proof"));
    return denied(attempt, std::move(finding), counter);
  }
  change.events.push_back(event_about(attempt, finding, counter));
  return Prepared<Finding>{.change = std::move(change), .answer = std::move(finding)};
}

}  // namespace

void begin_assertion(Context& context, BeginAssertion request, std::move_only_function<void(std::expected<AssertionOptions, Verdict>)> then) {
  const auto refuse = [&](const std::string& user, Verdict verdict) {
    const bool named = !user.empty() && verdict.reason() != Reason::unknown_user;
    const auto kind = request.cards ? std::nullopt : std::optional(Kind::fido2);
    deny(context, request.caller, user, named, std::move(verdict), kind,
         [then = std::move(then)](Verdict recorded) mutable {
           then(std::unexpected(std::move(recorded)));
         });
  };
  Challenge challenge{.purpose = ChallengePurpose::verify, .value = {}, .uv = request.uv, .user = {}, .name = {}, .credentials = {}, .cards = {}};
  AssertionOptions options{.uv = request.uv};
  if (request.user) {
    const auto record = context.store.user_by_name(*request.user);
    if (!record) return refuse(*request.user, Verdict(record.error().code == Code::not_found ? Reason::unknown_user : Reason::unavailable));
    if ((*record)->user.suspended) return refuse(*request.user, Verdict(Reason::user_suspended));
    auto allowed = offered(context, **record);
    if (!allowed) return refuse(*request.user, Verdict(Reason::unavailable));
    if (request.cards) challenge.cards = card_handles(context, **record);
    options.keys = !allowed->empty();
    options.cards = request.cards && (!challenge.cards.empty() || named_by_certificates(context));
    options.card_keys = named_by_certificates(context) ? std::vector<Bytes>() : challenge.cards;
    if (request.cards) options.slots = hmac_slots(context, **record);
    for (const SlotName& each : options.slots) challenge.slots.push_back(handle_of(each));
    if (!options.keys && !options.cards && options.slots.empty()) return refuse(*request.user, Verdict(Reason::no_factor));
    challenge.user = (*record)->user.id;
    challenge.name = *request.user;
    options.allowed = std::move(*allowed);
    for (const auto& each : options.allowed) challenge.credentials.push_back(each.id);
  } else {
    options.cards = request.cards;
  }
  const Result<HeldChallenge> held = hold_challenge(context, request.caller, challenge);
  if (!held) return refuse(request.user.value_or(""), Verdict(Reason::unavailable));
  options.id = held->id;
  options.challenge = std::move(challenge.value);
  options.expires = held->expires;
  then(std::move(options));
}

void finish_assertion(Context& context, FinishAssertion request, ThenVerdict then) {
  Result<Challenge> challenge = take_challenge(context, request.caller, request.id, ChallengePurpose::verify);
  if (!challenge)
    return deny(context, request.caller, "", false,
                Verdict(challenge.error().code == Code::not_found ? Reason::no_challenge
                                                                  : Reason::unavailable),
                Kind::fido2, std::move(then));
  auto attempt = std::make_shared<Attempt>(Attempt{.context = context, .request = std::move(request), .challenge = std::move(*challenge)});
  apply<Finding>(
      context, [attempt] { return look(*attempt); },
      [then = std::move(then)](Result<Finding> finding) mutable {
        if (!finding) return then(Verdict(Reason::unavailable));
        if (!finding->accepted) return then(std::move(finding->denied));
        then(VerdictMaker::verified(*finding->accepted, std::move(finding->worth), finding->identified ? std::move(finding->user) : std::string()));
      });
}

void abandon_assertion(Context& context, Caller caller, const std::string& id, Verdict because, ThenVerdict then) {
  const Result<Challenge> challenge = take_challenge(context, caller, id, ChallengePurpose::verify);
  deny(context, caller, challenge ? challenge->name : std::string(), challenge && challenge->user,
       because.verified() ? Verdict(Reason::denied) : std::move(because), std::nullopt,
       std::move(then));
}

}  // namespace countersign::engine
