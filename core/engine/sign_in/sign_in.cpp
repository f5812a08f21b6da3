// SPDX-License-Identifier: Apache-2.0
#include "core/engine/sign_in/sign_in.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "core/engine/apply.h"
#include "core/engine/events.h"
#include "core/engine/sign_in/browser_cookie.h"
#include "core/engine/sign_in/sign_in_look.h"
#include "core/engine/verification/code.h"
#include "core/engine/verification/denials.h"
#include "core/engine/verification/otp_elsewhere.h"

namespace countersign::engine {
namespace {

// By what somebody gets in.
struct Entry {
  Because because = Because::verified;
  Kind by = Kind::totp;
  AuthenticatorId authenticator;
  std::vector<std::string> amr;
  int aal = 1;
};

struct Ended {
  SignInRecord record;
  SignInView view;
  bool in = false;
  UserId user;
  int grace_hours = 0;
};

bool policy_takes(const Policy& policy, Kind by) {
  if (policy.mode == Mode::off || by == Kind::temporary_code) return true;
  return policy.methods.contains(by) && (by != Kind::backup_codes || policy.backup_codes);
}

// Of the sign-in as a whole (SP 800-63B-4 §2, RFC 8176): with a password before it a factor makes
// two. A mailbox is no authenticator, and a helpdesk's word no second factor: they raise nothing.
void note_worth(SignInRecord& record, const Entry& entry) {
  const bool password = record.primary == Primary::password;
  if (password) record.amr.emplace_back("pwd");
  for (const std::string& each : entry.amr)
    if (std::ranges::find(record.amr, each) == record.amr.end()) record.amr.push_back(each);
  if (entry.by == Kind::email || entry.by == Kind::temporary_code) {
    record.aal = password ? 1 : entry.by == Kind::email ? 0 : 1;
    return;
  }
  record.aal = password ? std::max(entry.aal, 2) : entry.aal;
  if (password && std::ranges::find(record.amr, "mfa") == record.amr.end())
    record.amr.emplace_back("mfa");
}

// The machine as recognized by this entry; the cookie of a browser that had none. Nothing where
// policy, or the state of the store, lets none follow.
std::optional<Machine> recognized_machine(Context& context, const SignInRecord& record,
                                          const Look& look, Kind by, std::string& cookie) {
  const Policy& policy = look.policy();
  if (!record.machine_kind || policy.ask != Ask::unrecognized || policy.mode == Mode::off)
    return std::nullopt;
  if (context.store.restored() || look.clock.state != ClockState::good) return std::nullopt;
  Machine machine =
      look.machine.value_or(Machine{.kind = *record.machine_kind, .created = look.clock.now});
  if (!look.machine) machine.id = context.ids.make<MachineId>();
  if (!record.matches || machine.status == MachineStatus::forgotten)
    machine.recognitions.clear();  // whoever was recognized there was so elsewhere
  if (!recognize(machine, policy, look.user->user, by, look.clock.now)) return std::nullopt;
  if (machine.kind == MachineKind::host) {
    machine.key = record.machine_key;
    machine.digests = record.fingerprint;  // what drifted is the baseline from now on
    machine.handle = handle_of_key(record.machine_key);
    if (machine.name.empty()) machine.name = record.machine_name;
  } else if (!look.machine) {
    BrowserCookie made = make_cookie(context.random, context.sign_ins.cookie_key, machine.id);
    machine.handle = std::move(made.handle);
    cookie = std::move(made.value);
  }
  return machine;
}

Result<Prepared<Ended>> prepare_end(Context& context, const Caller& caller, SignInRecord record,
                                    const Entry& entry, bool remember) {
  Look look = TRY(look_at(context, record));
  Change change;
  Ended ended;
  const bool shut_out =
      !look.user || look.user->user.suspended || look.state == MachineState::blocked;
  if (shut_out || !policy_takes(look.policy(), entry.by)) {
    if (look.decided.decision != Decision::deny)
      look.decided = {.because = Because::nothing};  // policy changed while the person typed
    add_denial(
        context, caller, look.user != nullptr,
        event_of_decision(context, caller, record, look, Decision::deny, look.decided.because),
        change);
    ended.view = view_of(context, record, look);
    ended.record = std::move(record);
    return Prepared<Ended>{.change = std::move(change), .answer = std::move(ended)};
  }
  std::string cookie;
  std::optional<Machine> machine =
      remember ? recognized_machine(context, record, look, entry.by, cookie) : std::nullopt;
  note_worth(record, entry);
  record.done = entry.because;
  record.by = entry.authenticator;
  record.final_state = look.state;
  record.recognized_now = machine.has_value();
  if (machine) {
    record.machine = machine->id;
    record.final_state = look.state = MachineState::recognized;
    change.events.push_back(event_of(context, caller, "machine.recognize"));
    audit::Event& event = change.events.back();
    event.user = record.user;
    event.service = record.service;
    event.details = {
        {"machine", to_text(machine->id)},
        {"kind", std::string(to_name(machine->kind))},
        {"for", look.policy().recognition.for_everyone ? look.user->user.audience : record.user}};
    change.writes.emplace_back(std::move(*machine));
  }
  change.events.push_back(
      event_of_decision(context, caller, record, look, Decision::allow, entry.because));
  change.events.back().details.emplace_back("kind", to_name(entry.by));
  if (entry.authenticator) change.events.back().authenticator = to_text(entry.authenticator);
  require_what_was_seen(change, look);
  ended.in = true;
  ended.user = look.user->user.id;
  ended.grace_hours = entry.by == Kind::temporary_code ? 0 : look.policy().grace.hours;
  ended.view = view_of(context, record, look);
  ended.view.cookie = std::move(cookie);
  ended.record = std::move(record);
  return Prepared<Ended>{.change = std::move(change), .answer = std::move(ended)};
}

void end(Context& context, const Caller& caller, SignInRecord record, Entry entry, bool remember,
         ThenView then) {
  auto shared =
      std::make_shared<std::pair<SignInRecord, Entry>>(std::move(record), std::move(entry));
  apply<Ended>(
      context,
      [&context, caller, shared, remember] {
        return prepare_end(context, caller, shared->first, shared->second, remember);
      },
      [&context, caller, then = std::move(then)](Result<Ended> ended) mutable {
        if (!ended) return then(std::unexpected(ended.error()));
        if (ended->in && ended->grace_hours != 0 && !ended->record.session.empty())
          context.sign_ins.graces.grant(ended->record.session, ended->user, context.clock.moment());
        hold_and_answer(context, caller, ended->record, std::move(ended->view), std::move(then));
      });
}

// Takes the record for a step that is for undecided sign-ins, with what is decided now.
struct Taken {
  SignInRecord record;
  Look look;
};
Result<Taken> take_undecided(Context& context, const Caller& caller, const std::string& id) {
  SignInRecord record = TRY(take_sign_in(context, caller, id));
  Result<Look> look = record.done ? std::unexpected(decided_already()) : look_at(context, record);
  if (!look) {
    (void)hold_sign_in(context, caller, record);
    return std::unexpected(look.error());
  }
  return Taken{std::move(record), std::move(*look)};
}

KindSet kinds_of(const std::vector<Offer>& offers) {
  KindSet kinds;
  for (const Offer& offer : offers) kinds.insert(offer.kind);
  return kinds;
}

// It did not verify: the sign-in goes on waiting, unless there were too many tries.
void answer_denied(Context& context, const Caller& caller, SignInRecord record, Verdict verdict,
                   ThenView then) {
  const Result<Look> look = look_at(context, record);
  if (!look) return then(std::unexpected(look.error()));
  if (look->decided.decision == Decision::allow)  // policy has changed while the person typed
    return decide_again(
        context, caller, std::move(record),
        [verdict = std::move(verdict), then = std::move(then)](Result<SignInView> view) mutable {
          if (view) view->verdict = std::move(verdict);
          then(std::move(view));
        });
  SignInView view = view_of(context, record, *look);
  if (verdict.reason() == Reason::throttled) view.decided.opens = verdict.retry_at();
  view.verdict = std::move(verdict);
  if (++record.tries < context.rules.sign_in_tries)
    return hold_and_answer(context, caller, record, std::move(view), std::move(then));
  view.decided = {.because = Because::nothing};
  then(std::move(view));
}

}  // namespace

void verify_sign_in(Context& context, VerifySignIn request, ThenView then) {
  Result<Taken> taken = take_undecided(context, request.caller, request.id);
  if (!taken) return then(std::unexpected(taken.error()));
  if (taken->look.decided.decision != Decision::verify)
    return decide_again(context, request.caller, std::move(taken->record), std::move(then));
  Caller caller = request.caller;
  caller.service = taken->record.service;
  VerifyCode code{.caller = caller,
                  .user = taken->record.user,
                  .code = std::move(request.code),
                  .kinds = kinds_of(taken->look.decided.offers)};
  code.challenge = std::move(request.challenge);
  code.evidence = std::move(request.evidence);
  code.sent_too = true;
  code.bound_to = taken->record.id;
  verify(context, std::move(code),
         [&context, caller = request.caller, remember = request.remember,
          record = std::move(taken->record), then = std::move(then)](Verdict verdict) mutable {
           if (!verdict.verified())
             return answer_denied(context, caller, std::move(record), std::move(verdict),
                                  std::move(then));
           Entry entry{.by = verdict.kind().value_or(Kind::totp),
                       .authenticator = verdict.authenticator(),
                       .amr = verdict.amr(),
                       .aal = verdict.aal()};
           end(context, std::move(caller), std::move(record), std::move(entry), remember,
               std::move(then));
         });
}

Result<AwaitedProof> await_proof(Context& context, const Caller& caller, const std::string& id) {
  Taken taken = TRY(take_undecided(context, caller, id));
  TRY(hold_sign_in(context, caller, taken.record));
  if (taken.look.decided.decision != Decision::verify)
    return fail(Code::conflict,
                "this sign-in does not wait for a factor; 'sign-in show' says what it waits for");
  return AwaitedProof{.user = taken.record.user,
                      .kinds = kinds_of(taken.look.decided.offers),
                      .uv = taken.look.policy().uv,
                      .code_length = taken.look.policy().code_length};
}

void conclude_sign_in(Context& context, Caller caller, const std::string& id, Verdict verdict,
                      bool remember, ThenView then) {
  Result<Taken> taken = take_undecided(context, caller, id);
  if (!taken) return then(std::unexpected(taken.error()));
  const auto& offers = taken->look.decided.offers;
  const bool offered =
      verdict.kind() && std::ranges::any_of(offers, [&](const Offer& offer) {
        return offer.kind == *verdict.kind() &&
               (!offer.authenticator || offer.authenticator == verdict.authenticator());
      });
  if (!verdict.verified() || !offered) {
    if (verdict.verified())
      verdict = Verdict(Reason::unknown_token);  // verified, but not by what this sign-in asked for
    return answer_denied(context, caller, std::move(taken->record), std::move(verdict),
                         std::move(then));
  }
  Entry entry{.by = *verdict.kind(),
              .authenticator = verdict.authenticator(),
              .amr = verdict.amr(),
              .aal = verdict.aal()};
  end(context, std::move(caller), std::move(taken->record), std::move(entry), remember,
      std::move(then));
}

namespace {

// Whether a factor of this kind may be bound within the sign-in.
Result<void> may_enroll(const SignInRecord& record, const Look& look, Kind kind) {
  const bool may = look.decided.decision == Decision::enroll ||
                   record.done == Because::verified;  // or just verified, which is fresh
  if (!may || !look.user || look.user->user.suspended)
    return fail(
        Code::not_permitted,
        "you can't enrol in this sign-in: it does not say 'enroll', and no one has verified in it");
  if (!look.policy().methods.contains(kind))
    return fail(Code::not_permitted, "the policy does not allow " + std::string(to_name(kind)));
  return {};
}

// Of what is bound within the sign-in: what the authenticator that verified in it vouches for; else
// the first factor alone.
Result<Grounds> grounds_in(Context& context, const SignInRecord& record, const Look& look) {
  if (record.done != Because::verified)
    return Grounds{.basis = Basis::first_factor(), .by = {}, .first = true};
  return grounds_after(context, *look.user, record.by);
}

}  // namespace

Result<AwaitedEnrollment> await_enrollment(Context& context, const Caller& caller,
                                           const std::string& id, Kind kind) {
  const SignInRecord record = TRY(take_sign_in(context, caller, id));
  const Result<Look> look = look_at(context, record);
  TRY(hold_sign_in(context, caller, record));
  if (!look) return std::unexpected(look.error());
  TRY(may_enroll(record, *look, kind));
  Grounds grounds = TRY(grounds_in(context, record, *look));
  return AwaitedEnrollment{
      .user = record.user, .uv = look->policy().uv, .grounds = std::move(grounds)};
}

Result<void> note_enrollment(Context& context, const Caller& caller, const std::string& id,
                             std::string enrollment) {
  SignInRecord record = TRY(take_sign_in(context, caller, id));
  record.enrollment = std::move(enrollment);
  return hold_sign_in(context, caller, record);
}

void enroll_in_sign_in(Context& context, Caller caller, const std::string& id, Kind kind,
                       std::string label, Then<Enrollment> then) {
  Result<SignInRecord> record = take_sign_in(context, caller, id);
  if (!record) return then(std::unexpected(record.error()));
  auto give_up = [&](Error error) {
    (void)hold_sign_in(context, caller, *record);
    then(std::unexpected(std::move(error)));
  };
  const Result<Look> look = look_at(context, *record);
  if (!look) return give_up(look.error());
  if (kind != Kind::totp && kind != Kind::hotp)
    return give_up(
        {Code::invalid, "within a sign-in totp, hotp, sms or email is enrolled this way"});
  if (auto may = may_enroll(*record, *look, kind); !may) return give_up(may.error());
  Result<Grounds> grounds = grounds_in(context, *record, *look);
  if (!grounds) return give_up(grounds.error());
  Enroll request{.caller = caller,
                 .user = record->user,
                 .kind = kind,
                 .label = std::move(label),
                 .serial = {},
                 .secret = {},
                 .grounds = std::move(*grounds)};
  begin_enrollment(context, std::move(request),
                   [&context, caller, record = std::move(*record),
                    then = std::move(then)](Result<Enrollment> begun) mutable {
                     if (begun) record.enrollment = begun->id;
                     if (auto held = hold_sign_in(context, caller, record); !held)
                       return then(std::unexpected(held.error()));
                     then(std::move(begun));
                   });
}

void confirm_in_sign_in(Context& context, VerifySignIn request, ThenView then) {
  Result<SignInRecord> record = take_sign_in(context, request.caller, request.id);
  if (!record) return then(std::unexpected(record.error()));
  if (record->enrollment.empty()) {
    (void)hold_sign_in(context, request.caller, *record);
    return then(fail(Code::conflict, "no enrolment has begun in this sign-in"));
  }
  // The policy, or what the user has, may have changed since it was begun.
  const Result<Look> look = look_at(context, *record);
  const bool may =
      look && (look->decided.decision == Decision::enroll || record->done == Because::verified);
  if (!may) {
    (void)hold_sign_in(context, request.caller, *record);
    return then(look ? fail(Code::not_permitted,
                            "you can no longer enrol in this sign-in; nothing was enrolled")
                     : std::unexpected(look.error()));
  }
  Confirm confirm{
      .caller = request.caller, .id = record->enrollment, .code = std::move(request.code)};
  confirm_enrollment(
      context, std::move(confirm),
      [&context, caller = request.caller, remember = request.remember, record = std::move(*record),
       then = std::move(then)](Result<AuthenticatorId> bound) mutable {
        if (auto held = hold_sign_in(context, caller, record); !held)
          return then(std::unexpected(held.error()));
        if (!bound) return then(std::unexpected(bound.error()));
        conclude_enrolled(context, std::move(caller), record.id, *bound, remember, std::move(then));
      });
}

void conclude_enrolled(Context& context, Caller caller, const std::string& id,
                       AuthenticatorId bound, bool remember, ThenView then) {
  Result<SignInRecord> record = take_sign_in(context, caller, id);
  if (!record) return then(std::unexpected(record.error()));
  record->enrollment.clear();
  const Result<Look> look = look_at(context, *record);
  if (!look) return then(std::unexpected(look.error()));
  if (record->done)
    return hold_and_answer(context, caller, *record, view_of(context, *record, *look),
                           std::move(then));
  const auto* mine = [&]() -> const Authenticator* {
    if (!look->user) return nullptr;
    const auto found = std::ranges::find(look->user->authenticators, bound, &Authenticator::id);
    return found != look->user->authenticators.end() ? &*found : nullptr;
  }();
  if (mine == nullptr)
    return answer_denied(context, caller, std::move(*record), Verdict(Reason::unknown_token),
                         std::move(then));
  const std::string reference = mine->kind == Kind::fido2 ? "hwk"
                                : mine->kind == Kind::sms ? "sms"
                                                          : "otp";
  Entry entry{.because = Because::enrolled,
              .by = mine->kind,
              .authenticator = bound,
              .amr = {reference},
              .aal = 1};
  end(context, caller, std::move(*record), std::move(entry), remember, std::move(then));
}

void skip_sign_in(Context& context, const Caller& caller, const std::string& id, ThenView then) {
  Result<Taken> taken = take_undecided(context, caller, id);
  if (!taken) return then(std::unexpected(taken.error()));
  auto before = std::make_shared<SignInRecord>(std::move(taken->record));
  apply<Ended>(
      context,
      [&context, caller, before]() -> Result<Prepared<Ended>> {
        Look look = TRY(look_at(context, *before));
        if (look.decided.decision != Decision::enroll || !look.decided.skippable)
          return fail(Code::not_permitted,
                      "this can't be skipped: the policy requires a factor, or the user has one");
        Ended ended{.record = *before, .view = {}};
        User user = look.user->user;
        user.skipped = look.clock.now;
        ended.record.done = Because::skipped;
        ended.record.final_state = look.state;
        if (before->primary == Primary::password) {
          ended.record.amr = {"pwd"};
          ended.record.aal = 1;
        }
        Change change;
        change.events.push_back(
            event_of_decision(context, caller, *before, look, Decision::allow, Because::skipped));
        change.events.back().details.emplace_back("skip", "chosen");
        change.require.push_back({std::string(policies_setting), look.in_force->generation});
        change.writes.emplace_back(std::move(user));
        ended.view = view_of(context, ended.record, look);
        return Prepared<Ended>{.change = std::move(change), .answer = std::move(ended)};
      },
      [&context, caller, before, then = std::move(then)](Result<Ended> ended) mutable {
        if (ended)
          return hold_and_answer(context, caller, ended->record, std::move(ended->view),
                                 std::move(then));
        (void)hold_sign_in(context, caller, *before);
        then(std::unexpected(ended.error()));
      });
}

Result<SignInView> show_sign_in(Context& context, const Caller& caller, const std::string& id) {
  SignInRecord record = TRY(take_sign_in(context, caller, id));
  const Result<Look> look = look_at(context, record);
  TRY(hold_sign_in(context, caller, record));
  if (!look) return std::unexpected(look.error());
  SignInView view = view_of(context, record, *look);
  view.receipt.clear();  // it was given with the decision, and is not made younger
  return view;
}

}  // namespace countersign::engine
