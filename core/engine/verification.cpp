// SPDX-License-Identifier: Apache-2.0
#include "core/engine/verification.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <utility>

#include "core/crypto/hash.h"
#include "core/crypto/hmac.h"
#include "core/decide.h"
#include "core/engine/apply.h"
#include "core/engine/denials.h"
#include "core/engine/events.h"
#include "core/engine/gate.h"
#include "core/engine/held_code.h"
#include "core/engine/one_time_floor.h"
#include "core/engine/otp_verification.h"
#include "core/engine/sent_codes.h"
#include "core/engine/sign_in_shared.h"
#include "core/engine/verdict_maker.h"
#include "core/factors/backup_codes.h"
#include "core/factors/temporary_code.h"

namespace countersign {

namespace engine {
namespace {

constexpr std::uint64_t macs_on_denial = 32;  // T32: as many for nobody as for somebody
constexpr std::uint64_t unknown_name_buckets = 1024;

// What one look at the store found; becomes a verdict only after its change is committed.
struct Finding {
  Reason reason = Reason::wrong_code;
  std::optional<Authenticator> accepted;
  std::optional<Time> retry_at;
  ThrottleKey key;
  std::int64_t told = 0;  // suppressed denials that the change's event tells of
};

struct Attempt {
  Context& context;
  VerifyCode request;
  std::map<AuthenticatorId, Secret> digests;  // slow hashes already made, kept for a second round
  bool hashed_for_nobody = false;
  bool looked = false;  // a second round runs on the thread that answers: nothing slow there
  // Of codes that were sent: the one that is tried. This try is counted already.
  struct Sent {
    CodeSlot slot;
    HeldCode held;
    bool taken = false;
  };
  std::optional<Sent> sent = {};
  bool sought = false;
  bool one_waits = false;
};

ThrottleKey bucket_of(std::string_view name) {
  const auto digest = crypto::sha256(as_bytes(name));
  std::uint64_t number = 0;
  std::memcpy(&number, digest.data(), sizeof number);
  return {-1 - static_cast<std::int64_t>(number % unknown_name_buckets)};
}

Result<Check> check_backup_code(Attempt& attempt, const Authenticator& authenticator, const Secret& material) {
  auto known = attempt.digests.find(authenticator.id);
  // Bound since this was typed, so that it is no code of that set.
  if (known == attempt.digests.end() && attempt.looked) return Check{};
  if (known == attempt.digests.end()) {
    Result<Secret> digest = backup_codes::digest(material, attempt.request.code.text.expose_text());
    if (!digest) return std::unexpected(digest.error());
    known = attempt.digests.emplace(authenticator.id, std::move(*digest)).first;
  }
  return backup_codes::check(material, authenticator.progress, known->second);
}

bool answers(Kind kind, CodeForm form) {
  switch (form) {
    case CodeForm::digits: return kind == Kind::totp || kind == Kind::hotp;
    case CodeForm::backup: return kind == Kind::backup_codes || kind == Kind::temporary_code;
    case CodeForm::yubico_otp: return false;  // verify_otp's
  }
  std::unreachable();
}

Result<Check> check_one(Attempt& attempt, const Authenticator& authenticator, Time now) {
  Result<Secret> secret =
      attempt.context.vault.open(crypto::Purpose::authenticator, to_text(authenticator.id), authenticator.material);
  if (!secret) return std::unexpected(secret.error());
  const std::string_view code = attempt.request.code.text.expose_text();
  const Rules& rules = attempt.context.rules;
  if (authenticator.kind == Kind::totp)
    return totp::check(authenticator.oath, *secret, used_up(attempt.context, authenticator),
                       rules.totp, code, now);
  if (authenticator.kind == Kind::hotp) return hotp::check(authenticator.oath, *secret, authenticator.progress, rules.hotp, code);
  if (authenticator.kind == Kind::temporary_code) return temporary_code::check(*secret, authenticator.progress, attempt.request.code.text);
  return check_backup_code(attempt, authenticator, *secret);
}

// Makes a denial cost what every other denial costs.
Result<void> even_out(Attempt& attempt, std::uint64_t macs) {
  if (attempt.request.code.form == CodeForm::digits) {
    static constexpr std::array<Byte, 20> nobody{};
    crypto::Hmac mac(HashAlgorithm::sha1, nobody);
    for (std::uint64_t i = macs % macs_on_denial; i < macs_on_denial; ++i) (void)mac.of(as_bytes("countersign"));
  } else if (attempt.request.code.form == CodeForm::backup && attempt.digests.empty() && !std::exchange(attempt.hashed_for_nobody, true)) {
    if (auto digest = backup_codes::digest_for_nobody(attempt.request.code.text.expose_text()); !digest)
      return std::unexpected(digest.error());
  }
  return {};
}

// A temporary code that was used up, replaced or is over, typed once more: no guess, and no way in.
Result<bool> was_right_once(Attempt& attempt, const Authenticator& authenticator, Time now) {
  if (authenticator.kind != Kind::temporary_code) return false;
  const Result<Check> check = check_one(attempt, authenticator, now);
  if (!check) return std::unexpected(check.error());
  return check->match != Match::no;
}

// Tries each authenticator that this form of code can be of.
Result<Finding> try_authenticators(Attempt& attempt, const UserRecord& record, const ClockReading& reading) {
  Finding finding{.reason = Reason::no_factor};
  for (const Authenticator& authenticator : record.authenticators) {
    if (!answers(authenticator.kind, attempt.request.code.form)) continue;
    if (attempt.request.kinds && !attempt.request.kinds->contains(authenticator.kind)) continue;
    if (barred(attempt.context, record, authenticator, reading)) {
      const Result<bool> once = was_right_once(attempt, authenticator, reading.now);
      if (!once) return std::unexpected(once.error());
      if (*once) finding.reason = Reason::used_code;
      continue;
    }
    if (finding.reason == Reason::no_factor) finding.reason = Reason::wrong_code;
    const Result<Check> check = check_one(attempt, authenticator, reading.now);
    if (!check) return std::unexpected(check.error());
    if (check->match == Match::used) finding.reason = Reason::used_code;
    if (check->match != Match::yes) continue;
    finding.reason = Reason::none;
    finding.accepted = authenticator;
    finding.accepted->progress = check->progress;
    finding.accepted->progress.last_used = reading.now;
    break;
  }
  return finding;
}

// The code of this challenge, with this try counted; none when there is none, it was replaced, or
// has no tries left (T09).
Result<std::optional<HeldCode>> try_at(Attempt& attempt, const CodeSlot& slot, Time now) {
  for (int round = 0; round < default_rounds; ++round) {
    Result<HeldCode> held = waiting_code(attempt.context, slot, now);
    if (!held && held.error().code != Code::not_found) return std::unexpected(held.error());
    const bool named =
        attempt.request.challenge.empty() || (held && held->id == attempt.request.challenge);
    if (!held || !named || held->tries >= attempt.context.rules.sent.tries) return std::nullopt;
    const Result<void> counted = count_try(attempt.context, slot, *held, now);
    if (counted) return std::move(*held);
    if (counted.error().code != Code::conflict) return std::unexpected(counted.error());
  }
  return std::nullopt;
}

// Without a challenge, a code that was sent by the other kind may be the one that was typed.
bool is_the_one(Attempt& attempt, const CodeSlot& slot, const HeldCode& held) {
  return !attempt.request.challenge.empty() ||
         code_matches(attempt.context, slot, held, attempt.request.code.text.expose_text());
}

Result<void> seek_sent_code(Attempt& attempt, const User& user, Time now) {
  if (std::exchange(attempt.sought, true)) return {};
  for (const Kind kind : {Kind::sms, Kind::email}) {
    if (attempt.request.kinds && !attempt.request.kinds->contains(kind)) continue;
    CodeSlot slot{.user = user.id,
                  .kind = kind,
                  .bound_to = attempt.request.bound_to,
                  .owner = code_owner(attempt.request.caller)};
    Result<std::optional<HeldCode>> held = try_at(attempt, slot, now);
    if (!held) return std::unexpected(held.error());
    attempt.one_waits = attempt.one_waits || *held;
    if (!*held || !is_the_one(attempt, slot, **held)) continue;
    attempt.sent = Attempt::Sent{std::move(slot), std::move(**held)};
    return {};
  }
  return {};
}

// Whether it is this attempt's alone: of two with the right code one gets it, and nobody one that a
// newer code has replaced.
bool claim(Attempt& attempt, Time now) {
  Attempt::Sent& sent = *attempt.sent;
  if (!sent.taken)
    sent.taken = take_code(attempt.context, sent.slot, sent.held.id, now).has_value();
  return sent.taken;
}

// Whether the code that was sent lets somebody in; none: it does, once it is claimed.
Reason judge_sent_code(Attempt& attempt, const UserRecord& record) {
  const auto& [slot, held, taken] = *attempt.sent;
  const bool right =
      code_matches(attempt.context, slot, held, attempt.request.code.text.expose_text());
  if (!admits(attempt.context.sign_ins.policies.now()->policies, record.user.audience, slot.kind))
    return Reason::no_factor;
  if (stopped(record, slot.kind)) return Reason::no_factor;
  if (held.recipient != recipient_of(record.user, slot.kind)) return Reason::no_challenge;  // T48
  return right ? Reason::none : Reason::wrong_code;
}

// The one code that was sent, and nothing else that the user has.
Result<Finding> try_sent_code(Attempt& attempt, const UserRecord& record, const ClockReading& reading) {
  if (auto sought = seek_sent_code(attempt, record.user, reading.now); !sought) return std::unexpected(sought.error());
  if (!attempt.sent) return Finding{.reason = Reason::no_challenge};
  const Kind kind = attempt.sent->slot.kind;
  const Reason reason = judge_sent_code(attempt, record);
  if (reason == Reason::wrong_code) return Finding{.reason = reason};  // it waits on
  const bool claimed = claim(attempt, reading.now);
  if (reason != Reason::none) return Finding{.reason = reason};
  if (!claimed) return Finding{.reason = Reason::no_challenge};
  // The row that was confirmed, if there is one; else the number or address that an administrator entered.
  Finding finding{.reason = Reason::none,
                  .accepted = Authenticator{.user = record.user.id, .kind = kind}};
  for (const Authenticator& authenticator : record.authenticators)
    if (authenticator.kind == kind && !barred(attempt.context, record, authenticator, reading))
      finding.accepted = authenticator;
  finding.accepted->progress.last_used = reading.now;
  return finding;
}

// What the user's authenticators did not answer may be the code that was sent.
Result<Finding> try_all(Attempt& attempt, const UserRecord& record, const ClockReading& reading) {
  Result<Finding> tried = try_authenticators(attempt, record, reading);
  if (!tried || tried->accepted) return tried;
  if (!attempt.request.sent_too || attempt.request.code.form != CodeForm::digits) return tried;
  Result<Finding> sent = try_sent_code(attempt, record, reading);
  if (!sent || sent->accepted) return sent;
  if (attempt.one_waits && tried->reason == Reason::no_factor) tried->reason = Reason::wrong_code;
  return tried;
}

Reason obstacle(Context& context, const UserRecord* record, const ClockReading& reading) {
  if (record == nullptr) return Reason::unknown_user;
  if (record->user.suspended) return Reason::user_suspended;
  if (context.store.restored()) return Reason::restored_store;
  if (reading.state != ClockState::good) return Reason::clock;
  return Reason::none;
}

// A guess counts; a code that was right once does not, nor does what no code could have passed.
bool counts_as_failure(Reason reason) {
  switch (reason) {
    case Reason::wrong_code:
    case Reason::no_factor:
    case Reason::unknown_user:
    case Reason::user_suspended: return true;
    case Reason::none:
    case Reason::denied:
    case Reason::used_code:
    case Reason::wrong_proof:
    case Reason::no_challenge:
    case Reason::unknown_token:
    case Reason::no_token:
    case Reason::timed_out:
    case Reason::cancelled:
    case Reason::token_failed:
    case Reason::throttled:
    case Reason::restored_store:
    case Reason::clock:
    case Reason::unavailable: return false;
  }
  std::unreachable();
}

audit::Event event_about(Attempt& attempt, const Finding& finding, Time now) {
  audit::Event event;
  event.time = now;
  event.action = "verify";
  event.actor = actor_of(attempt.request.caller);
  event.service = attempt.request.caller.service;
  event.user = attempt.request.user;
  event.outcome = finding.accepted ? "verified" : "denied";
  event.reason = to_name(finding.reason);
  if (finding.accepted) {
    if (finding.accepted->id) event.authenticator = to_text(finding.accepted->id);
    event.details.emplace_back("kind", to_name(finding.accepted->kind));
  }
  if (finding.told != 0) event.details.emplace_back("denied_under_throttle", std::to_string(finding.told));
  return event;
}

// The change that records the finding, with everything the finding relied on as its preconditions.
Change change_for(Attempt& attempt, const Finding& finding, const UserRecord* record, Throttle throttle, Time now) {
  const std::uint64_t caller = caller_key(attempt.request.caller);
  Change change;
  Time closed_until{};
  if (finding.accepted) {
    change.require.push_back({record->user.id, record->user.generation});
    const Generation generation = throttle.generation;
    if (clear_failures(throttle, caller)) change.writes.emplace_back(std::move(throttle));
    else change.require.push_back({finding.key, generation});
    if (finding.accepted->id)
      change.writes.emplace_back(Advance{.authenticator = finding.accepted->id,
                                         .user = record->user.id,
                                         .generation = finding.accepted->generation,
                                         .progress = finding.accepted->progress});
  } else if (counts_as_failure(finding.reason)) {
    add_failure(throttle, caller, now);
    closed_until = opens_at(throttle, attempt.context.rules.throttle);
    change.writes.emplace_back(std::move(throttle));
  }
  audit::Event event = event_about(attempt, finding, now);
  // From now on codes wait: whoever owns the account is told (daemon/couriers/notices).
  if (closed_until > now) event.details.emplace_back("throttled", "yes");
  // The throttle of a user bounds how many guesses there are to list; nothing bounds the others.
  const bool guess = record != nullptr && counts_as_failure(finding.reason);
  if (finding.accepted || guess) change.events.push_back(std::move(event));
  else add_denial(attempt.context, attempt.request.caller, record != nullptr, std::move(event), change);
  return change;
}

Result<Prepared<Finding>> look(Attempt& attempt) {
  Context& context = attempt.context;
  const ClockReading reading = context.clock.read();
  const std::uint64_t macs_before = crypto::Hmac::computed();
  auto found = context.store.user_by_name(attempt.request.user);
  if (!found && found.error().code != Code::not_found) return std::unexpected(found.error());
  const UserRecord* record = found ? found->get() : nullptr;

  const ThrottleKey key = record != nullptr ? ThrottleKey{record->user.id.value} : bucket_of(attempt.request.user);
  Result<Throttle> throttle = record != nullptr ? Result<Throttle>(record->throttle) : context.store.throttle(key);
  if (!throttle) return std::unexpected(throttle.error());
  throttle->key = key;
  if (const Time opens = opens_at(*throttle, context.rules.throttle); opens > reading.now) {
    context.suppressed.add(key);
    return Prepared<Finding>{.change = {}, .answer = {.reason = Reason::throttled, .accepted = {}, .retry_at = opens, .key = key}};
  }

  Finding finding{.reason = obstacle(context, record, reading)};
  if (finding.reason == Reason::none) {
    Result<Finding> tried = attempt.request.challenge.empty()
                                ? try_all(attempt, *record, reading)
                                : try_sent_code(attempt, *record, reading);
    if (!tried) return std::unexpected(tried.error());
    finding = std::move(*tried);
  }
  finding.key = key;
  finding.told = context.suppressed.count(key);
  if (!finding.accepted)
    if (auto evened = even_out(attempt, crypto::Hmac::computed() - macs_before); !evened) return std::unexpected(evened.error());
  attempt.looked = true;
  Change change = change_for(attempt, finding, record, std::move(*throttle), reading.now);
  if (change.events.empty()) finding.told = 0;
  return Prepared<Finding>{.change = std::move(change), .answer = std::move(finding)};
}

}  // namespace

void verify(Context& context, VerifyCode request, std::move_only_function<void(Verdict)> then) {
  if (request.code.form == CodeForm::yubico_otp && (!request.kinds || request.kinds->contains(Kind::yubico_otp)))
    return verify_otp(context, {.caller = std::move(request.caller), .user = std::move(request.user), .typed = std::move(request.code.text), .tag = 0, .evidence = std::move(request.evidence)},
                      [then = std::move(then)](OtpVerdict verdict) mutable { then(std::move(verdict.verdict)); });
  auto attempt = std::make_shared<Attempt>(Attempt{.context = context, .request = std::move(request), .digests = {}});
  apply<Finding>(
      context, [attempt] { return look(*attempt); },
      [&context, attempt, then = std::move(then)](Result<Finding> finding) mutable {
        if (!finding) return then(Verdict(Reason::unavailable));
        if (finding->told != 0) context.suppressed.told(finding->key, finding->told);
        if (finding->accepted)
          return then(VerdictMaker::verified(
              *finding->accepted,
              {.amr = {finding->accepted->kind == Kind::sms ? "sms" : "otp"}, .aal = 1}));
        then(Verdict(finding->reason, finding->retry_at));
      });
}

}  // namespace engine
}  // namespace countersign
