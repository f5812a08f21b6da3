// SPDX-License-Identifier: Apache-2.0
#include "core/engine/otp_verification.h"

#include <memory>
#include <utility>

#include "core/engine/apply.h"
#include "core/engine/denials.h"
#include "core/engine/events.h"
#include "core/engine/gate.h"
#include "core/engine/sign_in_shared.h"
#include "core/engine/verdict_maker.h"
#include "core/formats/modhex.h"

namespace countersign::engine {
namespace {

struct Attempt {
  Context& context;
  VerifyOtp request;
  std::vector<yubico_otp::Otp> readings;
};

struct Finding {
  Reason reason = Reason::unknown_token;
  std::string user;  // as named, or as the public id says
  std::optional<Authenticator> accepted;
  yubico_otp::Moment moment;
  std::optional<std::uint32_t> tag_before;
  std::string why = {};  // for programs; empty: the reason's name
};

// One reading of what was typed, and the row that its public id leads to.
struct Candidate {
  std::shared_ptr<const UserRecord> record;
  const Authenticator* authenticator = nullptr;  // of the record
  const yubico_otp::Otp* otp = nullptr;
};

void add_of(const std::shared_ptr<const UserRecord>& record, const yubico_otp::Otp& otp, std::vector<Candidate>& out) {
  for (const Authenticator& each : record->authenticators)
    if (each.kind == Kind::yubico_otp && each.status == Status::active && each.handle == otp.public_id) out.push_back({record, &each, &otp});
}

// Nothing found is an empty list; Code::not_found: the named user is unknown.
Result<std::vector<Candidate>> candidates(Attempt& attempt) {
  std::vector<Candidate> out;
  if (attempt.request.user) {
    const auto record = attempt.context.store.user_by_name(*attempt.request.user);
    if (!record) return std::unexpected(record.error());
    for (const yubico_otp::Otp& otp : attempt.readings) add_of(*record, otp, out);
    return out;
  }
  for (const yubico_otp::Otp& otp : attempt.readings) {
    if (otp.public_id.empty()) continue;  // it names nobody
    const auto rows = attempt.context.store.authenticators({.kind = Kind::yubico_otp, .status = Status::active, .handle = otp.public_id});
    if (!rows) return std::unexpected(rows.error());
    for (const Authenticator& row : *rows) {
      const auto record = attempt.context.store.user_by_id(row.user);
      if (record) add_of(*record, otp, out);
      else if (record.error().code != Code::not_found) return std::unexpected(record.error());
    }
  }
  return out;
}

// A key whose secret is not here. What its servers say is committed like any other counter: however often they say it, it counts once.
void judge_elsewhere(Attempt& attempt, const Candidate& candidate, Finding& finding) {
  const auto& evidence = attempt.request.evidence;
  const std::string otp = formats::modhex_encode(candidate.otp->public_id) + formats::modhex_encode(candidate.otp->block);
  const auto answer = evidence && evidence->question.otp == otp ? otp_validation::judge(*evidence->service, evidence->question, evidence->answer) : otp_validation::Answer{};
  switch (answer.said) {
    case otp_validation::Said::nothing:
      finding.reason = Reason::unavailable;
      finding.why = "validation-unreachable";
      return;
    case otp_validation::Said::refused: finding.reason = Reason::wrong_code; return;
    case otp_validation::Said::replayed: finding.reason = Reason::used_code; return;
    case otp_validation::Said::accepted: break;
  }
  finding.reason = Reason::used_code;
  if (answer.counter <= candidate.authenticator->progress.counter) return;
  finding.reason = Reason::none;
  finding.accepted = *candidate.authenticator;
  finding.accepted->progress = {.counter = answer.counter, .detail = 0, .last_used = attempt.context.clock.read().now};
}

Result<void> judge(Attempt& attempt, const Candidate& candidate, Finding& finding) {
  Context& context = attempt.context;
  const Authenticator& row = *candidate.authenticator;
  finding.user = candidate.record->user.name;
  if (const auto why = barred(context, *candidate.record, row)) {
    finding.reason = why->reason();
    finding.why = why->why();
    return {};
  }
  finding.reason = Reason::none;
  finding.why.clear();
  if (validated_elsewhere(row)) return judge_elsewhere(attempt, candidate, finding), Result<void>();
  const Result<Secret> material = context.vault.open(crypto::Purpose::authenticator, to_text(row.id), row.material);
  if (!material) return std::unexpected(material.error());
  const yubico_otp::OtpCheck check = yubico_otp::check(*material, row.progress, candidate.otp->block, attempt.request.tag);
  finding.moment = check.moment;
  switch (check.match) {
    case Match::no: finding.reason = Reason::wrong_code; break;
    case Match::used:
      finding.reason = Reason::used_code;
      finding.tag_before = yubico_otp::tag_of_same(row.progress, check.moment);
      break;
    case Match::yes:
      finding.accepted = row;
      finding.accepted->progress = check.progress;
      finding.accepted->progress.last_used = context.clock.read().now;
      break;
  }
  return {};
}

audit::Event event_about(Attempt& attempt, const Finding& finding) {
  audit::Event event = event_of(attempt.context, attempt.request.caller, "verify");
  event.user = finding.user;
  event.outcome = finding.accepted ? "verified" : "denied";
  event.reason = to_name(finding.reason);
  if (finding.accepted) event.authenticator = to_text(finding.accepted->id);
  event.details.emplace_back("kind", to_name(Kind::yubico_otp));
  return event;
}

Result<Prepared<Finding>> look(Attempt& attempt) {
  Finding finding{.reason = Reason::unknown_token, .user = attempt.request.user.value_or(""), .accepted = {}, .moment = {}, .tag_before = {}};
  Change change;
  const auto found = candidates(attempt);
  if (!found && found.error().code != Code::not_found) return std::unexpected(found.error());
  if (!found) finding.reason = Reason::unknown_user;
  for (std::size_t i = 0; found && i < found->size() && !finding.accepted; ++i) {
    const Candidate& candidate = (*found)[i];
    if (auto judged = judge(attempt, candidate, finding); !judged) return std::unexpected(judged.error());
    if (!finding.accepted) continue;
    change.require.push_back({candidate.record->user.id, candidate.record->user.generation});
    change.writes.emplace_back(Advance{.authenticator = finding.accepted->id,
                                       .user = candidate.record->user.id,
                                       .generation = finding.accepted->generation,
                                       .progress = finding.accepted->progress});
  }
  audit::Event event = event_about(attempt, finding);
  if (finding.accepted) change.events.push_back(std::move(event));
  else add_denial(attempt.context, attempt.request.caller, found && (attempt.request.user || !found->empty()), std::move(event), change);
  return Prepared<Finding>{.change = std::move(change), .answer = std::move(finding)};
}

}  // namespace

void verify_otp(Context& context, VerifyOtp request, std::move_only_function<void(OtpVerdict)> then) {
  auto readings = yubico_otp::readings(request.typed.expose_text());
  auto attempt = std::make_shared<Attempt>(Attempt{.context = context, .request = std::move(request), .readings = std::move(readings)});
  apply<Finding>(
      context, [attempt] { return look(*attempt); },
      [attempt, then = std::move(then)](Result<Finding> finding) mutable {
        if (!finding) return then({.verdict = Verdict(Reason::unavailable), .moment = {}, .tag_before = {}});
        OtpVerdict out{.verdict = finding->why.empty() ? Verdict(finding->reason) : Verdict(finding->reason, finding->why), .moment = finding->moment, .tag_before = finding->tag_before};
        if (finding->accepted)
          out.verdict = VerdictMaker::verified(*finding->accepted, {.amr = {"otp", "hwk"}, .aal = 1}, attempt->request.user ? std::string() : std::move(finding->user));
        then(std::move(out));
      });
}

}  // namespace countersign::engine
