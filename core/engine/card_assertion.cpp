// SPDX-License-Identifier: Apache-2.0
#include "core/engine/card_assertion.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "core/engine/apply.h"
#include "core/engine/card_credentials.h"
#include "core/engine/challenge.h"
#include "core/engine/denials.h"
#include "core/engine/events.h"
#include "core/engine/gate.h"
#include "core/engine/verdict_maker.h"

namespace countersign::engine {
namespace {

using ThenVerdict = std::move_only_function<void(Verdict)>;

struct Attempt {
  Context& context;
  FinishCardAssertion request;
  Challenge challenge;
  CardJudgement judged;
};

struct Finding {
  Verdict denied{Reason::unavailable};
  std::optional<Authenticator> accepted;
  std::string user;
  bool named = false;  // it is one of ours
};

struct Owner {
  std::shared_ptr<const UserRecord> record;
  std::optional<Authenticator> card;  // none: named by the certificate, not enrolled yet
};

audit::Event event_about(const Attempt& attempt, const Finding& finding) {
  audit::Event event = event_of(attempt.context, attempt.request.caller, "verify");
  event.user = finding.user;
  event.outcome = finding.accepted ? "verified" : "denied";
  if (finding.accepted) event.authenticator = to_text(finding.accepted->id);
  else event.reason = finding.denied.why();
  event.details.emplace_back("kind", to_name(attempt.request.proof.kind));
  if (!attempt.judged.subject.empty()) event.details.emplace_back("subject", attempt.judged.subject);
  return event;
}

Prepared<Finding> denied(const Attempt& attempt, Finding finding) {
  Change change;
  add_denial(attempt.context, attempt.request.caller, finding.named, event_about(attempt, finding), change);
  return {.change = std::move(change), .answer = std::move(finding)};
}

// What the policy goes by, of what the certificate says.
const std::vector<std::string>& names_that_count(const CardRules& rules, const certificates::Names& names) {
  static const std::vector<std::string> none;
  switch (rules.identity) {
    case CardIdentity::enrolled_key: return none;
    case CardIdentity::principal: return names.principals;
    case CardIdentity::email: return names.emails;
    case CardIdentity::card_uuid: return names.card_uuids;
    case CardIdentity::fasc_n: return names.fasc_ns;
  }
  std::unreachable();
}

// The user's name that this name of a certificate stands for.
std::optional<std::string> user_name_of(const CardRules& rules, const std::string& name) {
  if (rules.identity == CardIdentity::card_uuid || rules.identity == CardIdentity::fasc_n) {
    const auto holder = rules.holders.find(name);
    return holder != rules.holders.end() ? std::optional(holder->second) : std::nullopt;
  }
  if (rules.domain.empty()) return name;
  const std::size_t split = name.rfind('@');
  if (split == std::string::npos || split == 0) return std::nullopt;
  const bool ours = std::ranges::equal(name.substr(split + 1), rules.domain, [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b)); });
  return ours ? std::optional(name.substr(0, split)) : std::nullopt;
}

// Of several names the one that is a user's; two users' is nobody's.
Result<std::shared_ptr<const UserRecord>> named_in(Context& context, const certificates::Names& names) {
  const CardRules& rules = context.rules.cards;
  std::shared_ptr<const UserRecord> found;
  for (const std::string& each : names_that_count(rules, names)) {
    const auto name = user_name_of(rules, each);
    if (!name) continue;
    auto record = context.store.user_by_name(*name);
    if (!record && record.error().code != Code::not_found) return record;
    if (!record) continue;
    if (found && found->user.id != (*record)->user.id) return nullptr;
    found = std::move(*record);
  }
  return found;
}

Result<Owner> owner_of(const Attempt& attempt) {
  Context& context = attempt.context;
  const Bytes handle = card_handle_of(attempt.request.proof.public_key);
  auto rows = context.store.authenticators({.kind = attempt.request.proof.kind, .handle = handle});
  if (!rows) return std::unexpected(rows.error());
  for (Authenticator& row : *rows) {
    if (row.status == Status::revoked) continue;
    if (row.status != Status::active) return Owner{};
    auto record = context.store.user_by_id(row.user);
    if (!record && record.error().code == Code::not_found) return Owner{};
    if (!record) return std::unexpected(record.error());
    for (const Authenticator& mine : (*record)->authenticators)  // as of the record's moment
      if (mine.id == row.id && mine.status == Status::active) return Owner{std::move(*record), mine};
    return Owner{};
  }
  // A key that was revoked once does not come back by itself.
  if (!rows->empty() || !named_by_certificates(context) || attempt.request.proof.kind != Kind::piv || !attempt.judged.by_path) return Owner{};
  auto record = named_in(context, attempt.judged.names);
  if (!record) return std::unexpected(record.error());
  return Owner{std::move(*record), std::nullopt};
}

// Single- or multi-factor cryptographic hardware (SP 800-63B-4 §3.1.6, §3.1.7); "sc" as RFC 8176 has it.
VerdictMaker::Worth worth_of(const Context& context, const CardJudgement& judged) {
  VerdictMaker::Worth worth{.amr = {"sc"}, .aal = 1};
  if (!judged.user_verified) return worth;
  worth.amr.insert(worth.amr.end(), {"pin", "mfa"});
  worth.aal = judged.by_path && context.rules.cards.hardware_by_policy && !context.rules.cards.policy.policies.empty() ? 3 : 2;
  return worth;
}

// The key of a certificate that holds becomes the user's authenticator by this verification.
Authenticator enrolled_by_certificate(Attempt& attempt, const UserRecord& record, Change& change) {
  Context& context = attempt.context;
  const CardProof& proof = attempt.request.proof;
  Authenticator fresh{.id = context.ids.make<AuthenticatorId>(),
                      .user = record.user.id,
                      .kind = proof.kind,
                      .status = Status::active,
                      .handle = card_handle_of(proof.public_key),
                      .created = context.clock.read().now};
  fresh.material = context.vault.seal(crypto::Purpose::authenticator, to_text(fresh.id),
                                      Secret(BytesView(encode(CardCredential{proof.public_key, proof.certificate, proof.slot, proof.model, proof.software}))));
  audit::Event event = event_of(context, attempt.request.caller, "enroll");
  event.user = record.user.name;
  event.authenticator = to_text(fresh.id);
  event.details.emplace_back("kind", to_name(proof.kind));
  event.details.emplace_back("by", "certificate");
  event.details.emplace_back("subject", attempt.judged.subject);
  if (proof.software) event.details.emplace_back("virtual", "yes");
  change.events.push_back(std::move(event));
  change.writes.emplace_back(fresh);
  return fresh;
}

Result<Prepared<Finding>> look(Attempt& attempt) {
  Context& context = attempt.context;
  Finding finding{.denied = Verdict(Reason::unknown_token), .accepted = {}, .user = attempt.challenge.name, .named = !!attempt.challenge.user};
  if (!attempt.judged.refused.empty()) {
    finding.denied = Verdict(Reason::wrong_proof, attempt.judged.refused);
    return denied(attempt, std::move(finding));
  }
  auto owner = owner_of(attempt);
  if (!owner) return std::unexpected(owner.error());
  if (!owner->record) return denied(attempt, std::move(finding));
  const UserRecord& record = *owner->record;
  if (attempt.challenge.user && attempt.challenge.user != record.user.id) return denied(attempt, std::move(finding));
  finding.user = record.user.name;
  finding.named = true;
  const Authenticator to_be_enrolled{.user = record.user.id,
                                     .kind = attempt.request.proof.kind,
                                     .created = context.clock.read().now};
  if (auto why = barred(context, record, owner->card.value_or(to_be_enrolled))) {
    finding.denied = std::move(*why);
    return denied(attempt, std::move(finding));
  }
  Change change;
  change.require.push_back({record.user.id, record.user.generation});
  if (owner->card) {
    const auto enrolled = open_card(context, *owner->card);
    if (!enrolled) return std::unexpected(enrolled.error());
    if (enrolled->public_key != attempt.request.proof.public_key) return denied(attempt, std::move(finding));  // its hash alone found it
    // A key that was enrolled in a slot without a PIN never counts as one with.
    attempt.judged.user_verified = attempt.judged.user_verified && enrolled->slot == attempt.request.proof.slot;
    if (attempt.challenge.uv == webauthn::UserVerification::required && !attempt.judged.user_verified) {
      finding.denied = Verdict(Reason::wrong_proof, "user-not-verified");
      return denied(attempt, std::move(finding));
    }
    owner->card->progress.last_used = context.clock.read().now;
    change.writes.emplace_back(Advance{.authenticator = owner->card->id, .user = record.user.id, .generation = owner->card->generation, .progress = owner->card->progress});
    finding.accepted = std::move(*owner->card);
  } else {
    finding.accepted = enrolled_by_certificate(attempt, record, change);
  }
  change.events.push_back(event_about(attempt, finding));
  return Prepared<Finding>{.change = std::move(change), .answer = std::move(finding)};
}

}  // namespace

void finish_card_assertion(Context& context, FinishCardAssertion request, ThenVerdict then) {
  Result<Challenge> challenge = take_challenge(context, request.caller, request.id, ChallengePurpose::verify);
  if (!challenge) {
    const Verdict verdict(challenge.error().code == Code::not_found ? Reason::no_challenge : Reason::unavailable);
    auto refused = denied({context, std::move(request), {}, {}}, {.denied = verdict, .accepted = {}, .user = {}});
    return record_denial(context, std::move(refused.change), [verdict, then = std::move(then)](bool recorded) mutable {
      then(recorded ? verdict : Verdict(Reason::unavailable));
    });
  }
  CardJudgement judged = judge_card(context, request.proof, challenge->value, challenge->uv);
  auto attempt = std::make_shared<Attempt>(Attempt{context, std::move(request), std::move(*challenge), std::move(judged)});
  apply<Finding>(
      context, [attempt] { return look(*attempt); },
      [attempt, then = std::move(then)](Result<Finding> finding) mutable {
        if (!finding) return then(Verdict(Reason::unavailable));
        if (!finding->accepted) return then(std::move(finding->denied));
        const bool identified = !attempt->challenge.user;
        then(VerdictMaker::verified(*finding->accepted, worth_of(attempt->context, attempt->judged), identified ? std::move(finding->user) : std::string()));
      });
}

}  // namespace countersign::engine
