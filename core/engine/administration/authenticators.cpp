// SPDX-License-Identifier: Apache-2.0
#include "core/engine/administration/authenticators.h"

#include <memory>
#include <utility>

#include "core/engine/apply.h"
#include "core/engine/enrollment/slots.h"
#include "core/engine/events.h"
#include "core/engine/grounds/bootstrap.h"
#include "core/engine/lookup.h"
#include "core/engine/verification/gate.h"
#include "core/engine/verification/one_time_floor.h"

namespace countersign::engine {
namespace {

audit::Event about(Context& context, const Caller& caller, std::string action,
                   const Authenticator& authenticator) {
  audit::Event event = event_of(context, caller, std::move(action));
  event.user = owner_name(context, authenticator).value_or("");
  event.authenticator = to_text(authenticator.id);
  event.details.emplace_back("kind", to_name(authenticator.kind));
  return event;
}

Result<std::string> move_to(Authenticator& authenticator, Status wanted, Time now) {
  if (wanted == Status::unassigned)
    return fail(Code::invalid, "a bound authenticator is not put back in stock: revoke it");
  if (authenticator.status == Status::revoked)
    return fail(Code::conflict,
                "this authenticator is revoked, and that is final: enrol a new one");
  if (authenticator.status == Status::unassigned && wanted != Status::revoked)
    return fail(Code::conflict, "this token is in stock: enrol it for a user by its serial");
  if (wanted == Status::active && begun(authenticator))
    return fail(Code::conflict,
                "its key may not have the secret: plug it in and do 'countersign device provision' "
                "again, which finishes what was begun");
  authenticator.status = wanted;
  if (wanted == Status::revoked) authenticator.ended = now;
  return "authenticator." + std::string(wanted == Status::active      ? "resume"
                                        : wanted == Status::suspended ? "suspend"
                                                                      : "revoke");
}

}  // namespace

void change_authenticator(Context& context, Caller caller, std::string id,
                          AuthenticatorChange wanted, Then<Authenticator> then) {
  if (wanted.label)
    if (auto held = validate_label(*wanted.label); !held)
      return then(std::unexpected(held.error()));
  apply<Authenticator>(
      context,
      [&context, caller = std::move(caller), id = std::move(id),
       wanted = std::move(wanted)]() -> Result<Prepared<Authenticator>> {
        Authenticator authenticator = TRY(authenticator_with_id(context, id));
        Change change;
        if (wanted.status && *wanted.status != authenticator.status) {
          const std::string action =
              TRY(move_to(authenticator, *wanted.status, context.clock.read().now));
          change.events.push_back(about(context, caller, action, authenticator));
        }
        if (wanted.confirm) {
          if (authenticator.status == Status::revoked ||
              authenticator.status == Status::unassigned ||
              authenticator.kind == Kind::temporary_code)
            return fail(
                Code::conflict,
                "only an authenticator that somebody has, and that is not revoked, is confirmed");
          const Basis before = TRY(basis_of(context, authenticator));
          authenticator.basis = wanted.basis;
          change.events.push_back(about(context, caller, "authenticator.confirm", authenticator));
          change.events.back().details.emplace_back("basis_before", before.text());
        }
        if (!wanted.basis.text().empty())
          for (audit::Event& event : change.events)
            event.details.emplace_back("rests_on", wanted.basis.text());
        if (wanted.label && *wanted.label != authenticator.label) {
          authenticator.label = *wanted.label;
          change.events.push_back(about(context, caller, "authenticator.rename", authenticator));
        }
        if (!change.events.empty()) change.writes.emplace_back(authenticator);
        return Prepared<Authenticator>{.change = std::move(change),
                                       .answer = std::move(authenticator)};
      },
      std::move(then));
}

namespace {

struct Resynced {
  bool matched = false;
  Authenticator authenticator;
};

Check check_two(Context& context, const Authenticator& authenticator, const Secret& secret,
                const Resync& request, Time now) {
  const std::string_view first = request.first.text.expose_text();
  const std::string_view second = request.second.text.expose_text();
  if (authenticator.kind == Kind::hotp)
    return hotp::resync(authenticator.oath, secret, authenticator.progress, context.rules.hotp,
                        first, second);
  return totp::resync(authenticator.oath, secret, used_up(context, authenticator),
                      context.rules.totp, first, second, now);
}

Result<Prepared<Resynced>> try_resync(Context& context, const Resync& request) {
  Authenticator authenticator = TRY(authenticator_with_id(context, request.id));
  if (authenticator.kind != Kind::hotp && authenticator.kind != Kind::totp)
    return fail(Code::invalid, "only HOTP and TOTP tokens are resynchronised");
  if (authenticator.status != Status::active)
    return fail(Code::conflict, "this authenticator is not active");
  const auto record = TRY(context.store.user_by_id(authenticator.user));
  const ClockReading reading = context.clock.read();
  const Time now = reading.now;
  if (const auto why = barred(context, *record, authenticator, reading))
    return fail(Code::conflict, "this authenticator can't be used now (" + std::string(why->why()) +
                                    "), so that it is not resynchronised");
  Throttle throttle = record->throttle;
  if (opens_at(throttle, context.rules.throttle) > now)
    return fail(Code::exhausted,
                "too many wrong codes: wait, or have the helpdesk reopen the user");
  const Secret secret = TRY(context.vault.open(crypto::Purpose::authenticator,
                                               to_text(authenticator.id), authenticator.material));
  const Check check = check_two(context, authenticator, secret, request, now);
  Change change;
  change.events.push_back(about(context, request.caller, "authenticator.resync", authenticator));
  if (check.match == Match::yes) {
    authenticator.progress = check.progress;
    authenticator.progress.last_used = now;
    if (authenticator.kind == Kind::totp)
      change.events.back().details.emplace_back("drift", std::to_string(check.progress.detail));
    change.require.push_back({throttle.key, throttle.generation});
    change.writes.emplace_back(Advance{.authenticator = authenticator.id,
                                       .user = authenticator.user,
                                       .generation = authenticator.generation,
                                       .progress = authenticator.progress});
  } else {
    change.events.back().outcome = "denied";
    change.events.back().reason = "wrong-code";
    add_failure(throttle, caller_key(request.caller), now);
    change.writes.emplace_back(std::move(throttle));
  }
  return Prepared<Resynced>{.change = std::move(change),
                            .answer = {check.match == Match::yes, std::move(authenticator)}};
}

}  // namespace

void resync(Context& context, Resync request, Then<Authenticator> then) {
  auto shared = std::make_shared<Resync>(std::move(request));
  apply<Resynced>(
      context, [&context, shared] { return try_resync(context, *shared); },
      [then = std::move(then)](Result<Resynced> done) mutable {
        if (!done)
          then(std::unexpected(done.error()));
        else if (done->matched)
          then(std::move(done->authenticator));
        else
          then(fail(Code::invalid,
                    "these are not two consecutive unused codes of this token: have it show two, "
                    "one right after the other, and type both in order"));
      });
}

}  // namespace countersign::engine
