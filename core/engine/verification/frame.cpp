// SPDX-License-Identifier: Apache-2.0
#include "core/engine/verification/frame.h"

#include <ranges>
#include <utility>

#include "core/crypto/hmac.h"
#include "core/engine/apply.h"
#include "core/engine/events.h"
#include "core/engine/verification/denials.h"
#include "core/engine/verification/gate.h"
#include "core/engine/verification/guesses.h"

namespace countersign {

// Defined here and nowhere else: nobody but the frame makes a verified one (verdict.h).
class VerdictMaker {
 public:
  // user: who the proof said it is; empty where the caller named them.
  static Verdict verified(const Authenticator& authenticator, engine::Worth worth,
                          std::string user) {
    Verdict verdict;
    verdict.verified_ = true;
    verdict.reason_ = Reason::none;
    verdict.authenticator_ = authenticator.id;
    verdict.kind_ = authenticator.kind;
    verdict.amr_ = std::move(worth.amr);
    verdict.aal_ = worth.aal;
    verdict.user_ = std::move(user);
    return verdict;
  }
};

namespace engine {
namespace {

// Of several denials the one that says most is told; of two alike, the first.
enum class Depth { nothing_looked_at, barred, judged, right_once };

// What one round found. Becomes a verdict only after its change is committed.
struct Finding {
  std::shared_ptr<const UserRecord> record;  // whose it is; null: nobody's
  std::optional<Authenticator> accepted;     // with the progress it has now
  std::optional<Enrolled> enrolled;
  Worth worth;
  Verdict denied{Reason::unavailable};
  Depth depth = Depth::nothing_looked_at;
  Details details;
  std::optional<Guesses> guesses;
  bool tells = false;  // its change has an event
};

void add(Details& to, const Details& more) { to.insert(to.end(), more.begin(), more.end()); }

void deny_by(Finding& finding, Depth depth, const std::shared_ptr<const UserRecord>& record,
             Verdict why, Details details) {
  if (finding.depth >= depth) return;
  finding.depth = depth;
  finding.record = record;
  finding.denied = std::move(why);
  finding.details = std::move(details);
}

void accept(Finding& finding, const Candidate& candidate, Judgement judgement, Time now) {
  finding.record = candidate.record;
  finding.accepted = candidate.authenticator;
  if (judgement.enrolled) {
    finding.accepted = judgement.enrolled->row;
  } else {
    finding.accepted->progress = judgement.progress;
    finding.accepted->progress.last_used = now;
  }
  finding.enrolled = std::move(judgement.enrolled);
  finding.worth = std::move(judgement.worth);
  finding.details = std::move(judgement.details);
}

Result<void> consider(Context& context, Judge& judge, const Candidate& candidate,
                      const ClockReading& reading, Finding& finding) {
  if (auto why = barred(context, *candidate.record, candidate.authenticator, reading)) {
    Verdict said = TRY(judge.barred(candidate, std::move(*why), reading.now));
    const Depth depth = said.reason() == Reason::used_code ? Depth::right_once : Depth::barred;
    deny_by(finding, depth, candidate.record, std::move(said), {});
    return {};
  }
  Judgement judgement = TRY(judge.judge(candidate, reading.now));
  if (judgement.valid) {
    accept(finding, candidate, std::move(judgement), reading.now);
    return {};
  }
  const bool once = judgement.denied.reason() == Reason::used_code;
  deny_by(finding, once ? Depth::right_once : Depth::judged, candidate.record,
          std::move(judgement.denied), std::move(judgement.details));
  return {};
}

Result<void> ask(Context& context, Judge& judge, const std::shared_ptr<const UserRecord>& record,
                 const ClockReading& reading, Finding& finding) {
  const std::vector<Candidate> candidates = TRY(judge.candidates(record, reading.now));
  for (const Candidate& candidate : candidates) {
    auto considered = consider(context, judge, candidate, reading, finding);
    if (!considered || finding.accepted) return considered;
  }
  return {};
}

// Asks the judges one after the other. A later one's word on having no candidate counts where all
// before it had none, or none that may answer.
Result<void> ask_all(Context& context, Attempt& attempt,
                     const std::shared_ptr<const UserRecord>& record, const ClockReading& reading,
                     Finding& finding) {
  for (const auto& judge : attempt.judges) {
    auto asked = ask(context, *judge, record, reading, finding);
    if (!asked || finding.accepted) return asked;
  }
  if (finding.depth == Depth::nothing_looked_at)
    finding.denied = attempt.judges.front()->no_candidate();
  for (const auto& judge : attempt.judges | std::views::drop(1))
    if (finding.denied.reason() == Reason::no_factor) finding.denied = judge->no_candidate();
  return {};
}

// The user whom the attempt names; null: nobody, or the proof will say.
Result<std::shared_ptr<const UserRecord>> record_of(Context& context, const Claim& claim) {
  if (!claim.name) return nullptr;
  auto record =
      claim.id ? context.store.user_by_id(claim.id) : context.store.user_by_name(*claim.name);
  if (!record && record.error().code == Code::not_found) return nullptr;
  return record;
}

// Why nothing that this user has could be accepted; none: something may be.
std::optional<Verdict> obstacle(Context& context, const Attempt& attempt, const UserRecord* record,
                                const ClockReading& reading) {
  if (record == nullptr && attempt.claim.id) return Verdict(Reason::unknown_token);
  if (record == nullptr && attempt.claim.name) return Verdict(Reason::unknown_user);
  if (attempt.guessable) return barred_to_codes(context, *record, reading);
  return std::nullopt;
}

// The event's user: the record's, where there is one.
std::string name_in(const Attempt& attempt, const Finding& finding) {
  return finding.record ? finding.record->user.name : attempt.claim.name.value_or("");
}

audit::Event event_about(Context& context, const Attempt& attempt, const Finding& finding,
                         Time now) {
  audit::Event event = event_of(context, attempt.caller, "verify");
  event.time = now;
  event.user = name_in(attempt, finding);
  event.outcome = finding.accepted ? "verified" : "denied";
  if (!finding.accepted) event.reason = finding.denied.why();
  if (finding.accepted && finding.accepted->id) event.authenticator = to_text(finding.accepted->id);
  const std::optional<Kind> kind =
      finding.accepted ? std::optional(finding.accepted->kind) : attempt.kind;
  if (kind) event.details.emplace_back("kind", to_name(*kind));
  for (const auto& judge : attempt.judges) add(event.details, judge->about());
  add(event.details, finding.details);
  if (finding.guesses && finding.guesses->suppressed() != 0)
    event.details.emplace_back("denied_under_throttle",
                               std::to_string(finding.guesses->suppressed()));
  return event;
}

audit::Event enrollment_event(Context& context, const Attempt& attempt, const Finding& finding) {
  const Enrolled& enrolled = *finding.enrolled;
  audit::Event event = event_of(context, attempt.caller, "enroll");
  event.user = name_in(attempt, finding);
  event.authenticator = to_text(enrolled.row.id);
  event.details.emplace_back("kind", to_name(enrolled.row.kind));
  add(event.details, enrolled.details);
  return event;
}

// With everything that the accept relied on as its preconditions.
Change change_for_accept(Context& context, const Attempt& attempt, Finding& finding, Time now) {
  const Authenticator& accepted = *finding.accepted;
  const User& user = finding.record->user;
  Change change;
  change.require.push_back({user.id, user.generation});
  if (finding.guesses) finding.guesses->add_accept(change, attempt.caller);
  if (finding.enrolled) {
    change.events.push_back(enrollment_event(context, attempt, finding));
    change.writes.emplace_back(finding.enrolled->row);
  } else if (accepted.id) {
    change.writes.emplace_back(Advance{.authenticator = accepted.id,
                                       .user = user.id,
                                       .generation = accepted.generation,
                                       .progress = accepted.progress});
  }
  change.events.push_back(event_about(context, attempt, finding, now));
  return change;
}

Change change_for_denial(Context& context, const Attempt& attempt, Finding& finding, Time now) {
  Change change;
  audit::Event event = event_about(context, attempt, finding, now);
  const bool counts = finding.guesses && Guesses::counts(finding.denied.reason());
  // From now on codes wait: whoever owns the account is told (daemon/couriers/notices).
  if (counts && finding.guesses->add_failure(change, attempt.caller, now))
    event.details.emplace_back("throttled", "yes");
  // A user's throttle bounds how many guesses there are to list; nothing bounds the others.
  if (counts && finding.record)
    change.events.push_back(std::move(event));
  else
    add_denial(context, attempt.caller, finding.record != nullptr, std::move(event), change);
  return change;
}

Result<Prepared<Finding>> look(Context& context, Attempt& attempt) {
  const ClockReading reading = context.clock.read();
  const std::uint64_t macs_before = crypto::Hmac::computed();
  const auto record = TRY(record_of(context, attempt.claim));
  Finding finding{.record = record};
  if (attempt.guessable) {
    Guesses guesses = TRY(Guesses::of(context, *attempt.claim.name, record.get()));
    const auto closed_until = guesses.closed_until(reading.now);
    finding.guesses = std::move(guesses);
    if (closed_until) {
      finding.denied = Verdict(Reason::throttled, closed_until);
      return Prepared<Finding>{.change = {}, .answer = std::move(finding)};
    }
  }
  if (auto why = obstacle(context, attempt, record.get(), reading))
    finding.denied = std::move(*why);
  else
    TRY(ask_all(context, attempt, record, reading, finding));
  if (!finding.accepted)
    for (const auto& judge : attempt.judges)
      TRY(judge->even_out(crypto::Hmac::computed() - macs_before));
  Change change = finding.accepted ? change_for_accept(context, attempt, finding, reading.now)
                                   : change_for_denial(context, attempt, finding, reading.now);
  finding.tells = !change.events.empty();
  return Prepared<Finding>{.change = std::move(change), .answer = std::move(finding)};
}

}  // namespace

void verify(Context& context, std::shared_ptr<Attempt> attempt, ThenVerdict then) {
  apply<Finding>(
      context, [&context, attempt] { return look(context, *attempt); },
      [attempt, then = std::move(then)](Result<Finding> finding) mutable {
        if (!finding) return then(Verdict(Reason::unavailable));
        if (finding->guesses && finding->tells) finding->guesses->told();
        if (!finding->accepted) return then(std::move(finding->denied));
        then(VerdictMaker::verified(
            *finding->accepted, std::move(finding->worth),
            attempt->claim.name ? std::string() : finding->record->user.name));
      });
}

void deny(Context& context, const Caller& caller, const std::string& name, bool named,
          std::optional<Kind> kind, Verdict verdict, ThenVerdict then) {
  audit::Event event = event_of(context, caller, "verify");
  event.user = name;
  event.outcome = "denied";
  event.reason = verdict.why();
  if (kind) event.details.emplace_back("kind", to_name(*kind));
  Change change;
  add_denial(context, caller, named, std::move(event), change);
  record_denial(context, std::move(change),
                [verdict = std::move(verdict), then = std::move(then)](bool recorded) mutable {
                  then(recorded ? std::move(verdict) : Verdict(Reason::unavailable));
                });
}

}  // namespace engine
}  // namespace countersign
