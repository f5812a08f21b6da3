// SPDX-License-Identifier: Apache-2.0
#include "core/engine/enrollment/enrollment.h"

#include <memory>
#include <utility>

#include "core/base/text.h"
#include "core/engine/apply.h"
#include "core/engine/enrollment/pending_enrollment.h"
#include "core/engine/enrollment/sent_enrollment.h"
#include "core/engine/events.h"
#include "core/engine/lookup.h"
#include "core/engine/sign_in_shared.h"
#include "core/factors/backup_codes.h"
#include "core/factors/oath_secret.h"
#include "core/factors/yubico_otp.h"

namespace countersign::engine {
namespace {

// As long as the hash, RFC 6238 §5.1.
std::size_t secret_size(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::sha1:
      return 20;
    case HashAlgorithm::sha256:
      return 32;
    case HashAlgorithm::sha512:
      return 64;
  }
  std::unreachable();
}

audit::Event bound_event(Context& context, const Caller& caller, const std::string& user,
                         const Authenticator& authenticator) {
  audit::Event event = event_of(context, caller, "enroll");
  event.user = user;
  event.authenticator = to_text(authenticator.id);
  event.details.emplace_back("kind", to_name(authenticator.kind));
  if (!authenticator.serial.empty()) event.details.emplace_back("serial", authenticator.serial);
  return event;
}

Result<void> validate(const Enroll& request) {
  if (request.kind == Kind::yubico_otp && request.serial.empty())
    return fail(Code::invalid,
                "a YubiKey's secret has to be known: give the serial of an imported one, or "
                "program it with 'countersign device provision'");
  if (request.kind != Kind::totp && request.kind != Kind::hotp &&
      request.kind != Kind::backup_codes && request.kind != Kind::yubico_otp)
    return fail(Code::invalid,
                "this kind of authenticator is not enrolled this way: totp, hotp, yubico-otp or "
                "backup-codes are");
  TRY(validate_label(request.label));
  TRY(validate_serial(request.serial));
  TRY(countersign::validate(request.oath, request.kind));
  if (request.kind == Kind::backup_codes &&
      (request.count < 1 || request.count > backup_codes::most))
    return fail(Code::invalid, "a set has 1 to 60 backup codes");
  if (request.secret && !request.serial.empty())
    return fail(Code::invalid,
                "a token in stock has its secret already: give the serial or a secret, not both");
  return request.secret ? require_oath_secret_size(request.secret->size()) : Result<void>();
}

Result<PendingEnrollment> prepare_oath(Context& context, const Enroll& request, const User& user,
                                       Time now) {
  PendingEnrollment pending;
  pending.user = user.name;
  pending.grounds = request.grounds;
  if (!request.serial.empty()) {
    Authenticator stock = TRY(unassigned_by_serial(context, request.serial));
    if (stock.kind != request.kind)
      return fail(Code::invalid, "the token " + escape_text(request.serial) +
                                     " in stock is of kind " + std::string(to_name(stock.kind)));
    Secret secret =
        TRY(context.vault.open(crypto::Purpose::authenticator, to_text(stock.id), stock.material));
    pending.secret = std::move(secret);
    pending.authenticator = std::move(stock);
  } else {
    Authenticator& fresh = pending.authenticator;
    fresh.id = context.ids.make<AuthenticatorId>();
    fresh.kind = request.kind;
    fresh.oath = request.oath;
    pending.secret =
        request.secret ? request.secret->copy() : Secret(secret_size(request.oath.algorithm));
    if (!request.secret) context.random.fill(pending.secret.expose_mutable());
    fresh.material =
        context.vault.seal(crypto::Purpose::authenticator, to_text(fresh.id), pending.secret);
  }
  pending.authenticator.user = user.id;
  pending.authenticator.status = Status::active;
  if (!request.label.empty()) pending.authenticator.label = request.label;
  pending.authenticator.created = now;
  return pending;
}

Enrollment describe(const PendingEnrollment& pending, bool from_stock) {
  const Authenticator& a = pending.authenticator;
  return {.id = to_text(a.id),
          .kind = a.kind,
          .oath = a.oath,
          .counter = a.progress.counter,
          .secret = from_stock ? Secret() : pending.secret.copy(),
          .codes = {}};
}

// Binds at once: for imports and administrators who trust the secret, without a first code.
void bind_now(Context& context, Enroll request, Then<Enrollment> then) {
  auto shared = std::make_shared<Enroll>(std::move(request));
  apply<Enrollment>(
      context,
      [&context, shared]() -> Result<Prepared<Enrollment>> {
        const auto record = TRY(user_named(context, shared->user));
        PendingEnrollment pending =
            TRY(prepare_oath(context, *shared, record->user, context.clock.read().now));
        Enrollment answer = describe(pending, !shared->serial.empty());
        answer.pending = false;
        Change change;
        change.require.push_back({record->user.id, record->user.generation});
        audit::Event event =
            bound_event(context, shared->caller, shared->user, pending.authenticator);
        event.details.emplace_back("confirmed", "no");
        TRY(bind(context, change, shared->caller, *record, std::move(pending.authenticator),
                 pending.grounds, std::move(event)));
        return Prepared<Enrollment>{.change = std::move(change), .answer = std::move(answer)};
      },
      std::move(then));
}

Result<Enrollment> hold(Context& context, const Enroll& request) {
  const auto record = TRY(user_named(context, request.user));
  const Time now = context.clock.read().now;
  PendingEnrollment pending = TRY(prepare_oath(context, request, record->user, now));
  Enrollment answer = describe(pending, !request.serial.empty());
  answer.expires = now + context.rules.pending_lives;
  TRY(hold_enrollment(context, request.caller, pending, *answer.expires));
  return answer;
}

void enroll_backup_codes(Context& context, Enroll request, Then<Enrollment> then) {
  Result<backup_codes::NewSet> set = backup_codes::make(context.random, request.count);
  if (!set) return then(std::unexpected(set.error()));
  auto shared = std::make_shared<std::pair<Enroll, backup_codes::NewSet>>(std::move(request),
                                                                          std::move(*set));
  apply<Enrollment>(
      context,
      [&context, shared]() -> Result<Prepared<Enrollment>> {
        const auto& [asked, made] = *shared;
        const auto record = TRY(user_named(context, asked.user));
        const auto in_force = context.sign_ins.policies.now();
        if (!policy_for(in_force->policies, record->user.audience).backup_codes)
          return fail(Code::not_permitted, "the policy of '" + escape_text(record->user.audience) +
                                               "' has backup codes off: none are made");
        Authenticator fresh{.id = context.ids.make<AuthenticatorId>(),
                            .user = record->user.id,
                            .kind = Kind::backup_codes,
                            .label = asked.label,
                            .created = context.clock.read().now};
        fresh.material =
            context.vault.seal(crypto::Purpose::authenticator, to_text(fresh.id), made.material);
        Enrollment answer{.id = to_text(fresh.id),
                          .pending = false,
                          .kind = fresh.kind,
                          .secret = {},
                          .codes = {}};
        for (const Secret& code : made.codes) answer.codes.push_back(code.copy());
        Change change;
        change.require.push_back({record->user.id, record->user.generation});
        for (Authenticator old : record->authenticators) {
          if (old.kind != Kind::backup_codes || old.status == Status::revoked) continue;
          old.status = Status::revoked;
          old.ended = fresh.created;
          change.writes.emplace_back(std::move(old));
        }
        audit::Event event = bound_event(context, asked.caller, asked.user, fresh);
        event.details.emplace_back("codes", std::to_string(made.codes.size()));
        if (!change.writes.empty()) event.details.emplace_back("replaces", "the set before");
        TRY(bind(context, change, asked.caller, *record, std::move(fresh), asked.grounds,
                 std::move(event)));
        return Prepared<Enrollment>{.change = std::move(change), .answer = std::move(answer)};
      },
      std::move(then));
}

Check check_first_otp(const PendingEnrollment& pending, const TypedCode& code) {
  const Authenticator& a = pending.authenticator;
  if (code.form != CodeForm::yubico_otp) return {};
  for (const yubico_otp::Otp& otp : yubico_otp::readings(code.text.expose_text()))
    if (otp.public_id == a.handle)
      if (const Check check = yubico_otp::check(pending.secret, a.progress, otp.block);
          check.match == Match::yes)
        return check;
  return {};
}

// The code that came to the phone or mailbox. A wrong one leaves it waiting.
Check check_sent_code(Context& context, const PendingEnrollment& pending, const TypedCode& code) {
  const CodeSlot slot = slot_of(pending);
  const auto held = waiting_code(context, slot);
  if (!held || !code_matches(context, slot, held->value, code.text.expose_text()) ||
      !take_code(context, slot, held->value.id))
    return {};
  return {.match = Match::yes, .progress = {}};
}

// Two consecutive codes, wherever the token's counter or clock is.
Check check_first_two(Context& context, const PendingEnrollment& pending, std::string_view first,
                      std::string_view second) {
  const Authenticator& a = pending.authenticator;
  if (a.kind == Kind::hotp)
    return hotp::resync(a.oath, pending.secret, a.progress, context.rules.hotp, first, second);
  return totp::resync(a.oath, pending.secret, a.progress, context.rules.totp, first, second,
                      context.clock.read().now);
}

Check check_first_code(Context& context, const PendingEnrollment& pending, const Confirm& request) {
  const Authenticator& a = pending.authenticator;
  if (a.kind == Kind::yubico_otp) return check_first_otp(pending, request.code);
  if (request.code.form != CodeForm::digits) return {};
  if (sent(a.kind)) return check_sent_code(context, pending, request.code);
  const std::string_view code = request.code.text.expose_text();
  if (request.next)
    return check_first_two(context, pending, code, request.next->text.expose_text());
  if (a.kind == Kind::totp)
    return totp::check(a.oath, pending.secret, a.progress, context.rules.totp, code,
                       context.clock.read().now);
  return hotp::check(a.oath, pending.secret, a.progress, context.rules.hotp, code);
}

Error wrong_first_code(const Authenticator& authenticator, bool two, int tries_left) {
  const bool oath = authenticator.kind == Kind::totp || authenticator.kind == Kind::hotp;
  if (tries_left <= 0)
    return {Code::exhausted, "the code is wrong, and that was the last try: enrol again"};
  const std::string left =
      " (" + std::to_string(tries_left) + (tries_left == 1 ? " more try): " : " more tries): ");
  if (sent(authenticator.kind))
    return {Code::invalid,
            "the code is wrong or too old" + left + "type the one that was sent last"};
  if (two)
    return {Code::invalid,
            "these are not two consecutive codes of this token" + left +
                "have it show two, one right after the other, and give both in order"};
  if (oath && !authenticator.serial.empty())
    return {Code::invalid, "the code is wrong" + left +
                               "check that the serial is this token's. If it lay in stock for "
                               "long, give two consecutive codes: this one and the one after it "
                               "(--code and --next)"};
  return {
      Code::invalid,
      "the code is wrong" + left +
          "take the code that is shown now, and check that the phone's clock is set automatically"};
}

}  // namespace

void begin_enrollment(Context& context, Enroll request, Then<Enrollment> then) {
  if (auto held = validate(request); !held) return then(std::unexpected(held.error()));
  if (request.kind == Kind::backup_codes)
    return enroll_backup_codes(context, std::move(request), std::move(then));
  if (!request.confirm) return bind_now(context, std::move(request), std::move(then));
  then(hold(context, request));
}

std::optional<std::string> pending_of_somebody_else(Context& context, const Caller& caller,
                                                    const std::string& id) {
  const auto pending = look<PendingEnrollment>(context, id);
  if (!pending || pending->row.owner == PendingEnrollment::owner(caller)) return std::nullopt;
  return pending->value.user;
}

void confirm_enrollment(Context& context, Confirm request, Then<AuthenticatorId> then) {
  const auto none = [] {
    return fail(
        Code::not_found,
        "there is no pending enrolment with this id: it was confirmed already, or has expired; "
        "enrol again");
  };
  auto pending = look<PendingEnrollment>(context, request.id);
  if (!pending && pending.error().code != Code::not_found)
    return then(std::unexpected(pending.error()));
  if (!pending ||
      (pending->row.owner != PendingEnrollment::owner(request.caller) && !request.administers))
    return then(none());
  const Kind kind = pending->value.authenticator.kind;
  if (request.next && kind != Kind::totp && kind != Kind::hotp)
    return then(
        fail(Code::invalid,
             "only TOTP and HOTP tokens are confirmed by two codes: give the first one alone"));

  // The try is counted before anything is compared: of two who try at once, one has to wait.
  const int left = context.rules.confirm_tries - ++pending->value.tries;
  if (!replace(context, *pending)) return then(none());
  const Check check = check_first_code(context, pending->value, request);
  if (check.match != Match::yes) {
    if (left <= 0) (void)take(context, *pending);
    return then(std::unexpected(
        wrong_first_code(pending->value.authenticator, request.next.has_value(), left)));
  }

  auto& authenticator = pending->value.authenticator;
  authenticator.progress = check.progress;
  authenticator.progress.last_used = context.clock.read().now;
  auto waiting = std::make_shared<const Waiting<PendingEnrollment>>(std::move(*pending));
  const std::shared_ptr<const PendingEnrollment> shared(waiting, &waiting->value);
  // What could not be recorded is still waiting: the same code may be tried again.
  Then<AuthenticatorId> answer = [&context, waiting,
                                  then = std::move(then)](Result<AuthenticatorId> bound) mutable {
    if (bound || bound.error().code != Code::unavailable) (void)take(context, *waiting);
    then(std::move(bound));
  };
  apply<AuthenticatorId>(
      context,
      [&context, shared, caller = request.caller]() -> Result<Prepared<AuthenticatorId>> {
        const auto record = TRY(user_named(context, shared->user));
        if (record->user.id != shared->authenticator.user)
          return fail(Code::not_found, "this name belongs to another user now; enrol again");
        if (auto stored = context.store.authenticator(shared->authenticator.id);
            stored && stored->generation != shared->authenticator.generation)
          return fail(Code::conflict, "the token was given to somebody else meanwhile");
        Change change;
        audit::Event event = bound_event(context, caller, shared->user, shared->authenticator);
        if (sent(shared->authenticator.kind))
          put_on_file(context, change, *record, *shared, event);
        else
          change.require.push_back({record->user.id, record->user.generation});
        TRY(bind(context, change, caller, *record, shared->authenticator, shared->grounds,
                 std::move(event)));
        return Prepared<AuthenticatorId>{.change = std::move(change),
                                         .answer = shared->authenticator.id};
      },
      std::move(answer));
}

}  // namespace countersign::engine
