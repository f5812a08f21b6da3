// SPDX-License-Identifier: Apache-2.0
#include "core/engine/sign_in/sign_in_look.h"

#include <algorithm>

#include "core/crypto/hash.h"
#include "core/encoding/base64url.h"
#include "core/engine/events.h"
#include "core/machine/match.h"
#include "core/receipt.h"

namespace countersign::engine {

const Policy& Look::policy() const {
  return policy_for(in_force->policies, user ? user->user.audience : audience_of_unknown);
}

Result<Look> look_at(Context& context, const SignInRecord& record,
                     const std::optional<Machine>& changed) {
  Look look{.clock = context.clock.read(), .in_force = context.sign_ins.policies.now()};
  auto user = context.store.user_by_name(record.user);
  if (!user && user.error().code != Code::not_found) return std::unexpected(user.error());
  if (user) look.user = std::move(*user);
  const Policy& policy = look.policy();
  const Time now = look.clock.now;
  if (changed) {
    look.machine = changed;
  } else if (record.machine) {
    Result<Machine> machine = context.store.machine(record.machine);
    if (!machine && machine.error().code != Code::not_found)
      return std::unexpected(machine.error());
    if (machine) look.machine = std::move(*machine);
  }
  if (record.machine_kind) look.state = MachineState::unrecognized;
  if (look.machine) {
    static const User nobody{};
    look.state =
        state_of(*look.machine, record.matches, policy, look.user ? look.user->user : nobody,
                 look.in_force->policies.machines_since, now);
    // A restored store may have forgotten a block, a clock that jumped may have undone a lapse:
    // nothing is recognized then.
    if (look.state == MachineState::recognized &&
        (context.store.restored() || look.clock.state != ClockState::good))
      look.state = MachineState::unrecognized;
  }
  const Milliseconds lasts = std::chrono::hours(policy.grace.hours);
  const bool grace = look.user && !record.session.empty() && policy.grace.hours != 0 &&
                     context.sign_ins.graces.holds(record.session, look.user->user.id, lasts,
                                                   context.clock.moment());
  look.decided = decide(
      {.policy = policy,
       .user = look.user ? &look.user->user : nullptr,
       .authenticators = look.user ? std::span<const Authenticator>(look.user->authenticators)
                                   : std::span<const Authenticator>(),
       .codes_open = look.user ? opens_at(look.user->throttle, context.rules.throttle) : Time{},
       .sendable = context.rules.sendable,
       .machine = look.state,
       .primary = record.primary,
       .service = record.service,
       .caller = record.caller,
       .grace = grace,
       .now = now});
  return look;
}

void require_what_was_seen(Change& change, const Look& look) {
  if (look.user) change.require.push_back({look.user->user.id, look.user->user.generation});
  change.require.push_back({std::string(policies_setting), look.in_force->generation});
  const bool written = std::ranges::any_of(
      change.writes, [&](const Write& each) { return std::holds_alternative<Machine>(each); });
  if (look.machine && !written)
    change.require.push_back({look.machine->id, look.machine->generation});
}

namespace {

std::string audience_of(const SignInRecord& record) {
  return record.audience.empty() ? record.service : record.audience;
}

}  // namespace

audit::Event event_of_decision(Context& context, const Caller& caller, const SignInRecord& record,
                               const Look& look, Decision decision, Because because) {
  audit::Event event = event_of(context, caller, "sign-in");
  event.service = record.service;
  event.user = record.user;
  event.outcome = to_name(decision);
  event.reason = to_name(because);
  event.details.emplace_back("primary", to_name(record.primary));
  if (decision == Decision::allow && record.receipt)
    event.details.emplace_back("receipt_for", audience_of(record));
  if (record.machine_kind) {
    event.details.emplace_back("machine", record.machine ? to_text(record.machine) : "new");
    event.details.emplace_back("machine_state", to_name(look.state));
    if (!record.machine_says.empty())
      event.details.emplace_back("fingerprint", record.machine_says);
  }
  return event;
}

Bytes handle_of_key(BytesView spki) {
  const crypto::Sha256 digest = crypto::sha256(spki);
  return {digest.begin(), digest.end()};
}

Result<void> note_host(Context& context, SignInRecord& record, Bytes key, Bytes fingerprint,
                       std::string name) {
  const auto now = TRY(machine::decode_fingerprint(fingerprint));
  record.machine_kind = MachineKind::host;
  record.matches = false;
  record.machine = {};
  record.machine_says.clear();
  record.machine_name = std::move(name);
  record.machine_key = std::move(key);
  record.fingerprint = std::move(fingerprint);
  const Result<Machine> known = context.store.machine_by_handle(handle_of_key(record.machine_key));
  if (!known)
    return known.error().code == Code::not_found ? Result<void>() : std::unexpected(known.error());
  record.machine = known->id;
  const auto baseline = TRY(machine::decode_fingerprint(known->digests));
  const machine::Match match = machine::compare(baseline, now);
  record.matches = match.recognized;
  record.machine_says = machine::describe(match);
  return {};
}

namespace {

std::string receipt_of(Context& context, const SignInRecord& record, const Look& look,
                       const SignInView& view) {
  const SignInShared& shared = context.sign_ins;
  if (!shared.receipt_key || !record.receipt) return {};
  Bytes id(16);
  context.random.fill(id);
  const Time issued = std::chrono::floor<std::chrono::seconds>(look.clock.now);
  return sign_receipt(
      {.issuer = webauthn::own_origin(context.rules.fido2.rp),
       .audience = audience_of(record),
       .subject = record.user,
       .id = formats::base64url(id),
       .nonce = record.nonce,
       .decision = std::string(to_name(view.decided.decision)),
       .because = std::string(to_name(view.decided.because)),
       .service = record.service,
       .primary = std::string(to_name(record.primary)),
       .machine = view.machine ? to_text(view.machine) : std::string(),
       .machine_state =
           record.machine_kind ? std::string(to_name(view.machine_state)) : std::string(),
       .amr = view.amr,
       .aal = view.aal,
       .issued = issued,
       .expires = issued + receipt_lives},
      *shared.receipt_key, shared.receipt_key_id);
}

}  // namespace

namespace {

KindSet enrollable(const Policy& policy, KindSet sendable) {
  KindSet kinds;
  for (const Kind kind : {Kind::fido2, Kind::totp, Kind::hotp, Kind::sms, Kind::email})
    if (policy.methods.contains(kind) && (!sent(kind) || sendable.contains(kind)))
      kinds.insert(kind);
  return kinds;
}

}  // namespace

SignInView view_of(Context& context, const SignInRecord& record, const Look& look) {
  SignInView view{.id = record.id,
                  .user = record.user,
                  .service = record.service,
                  .primary = record.primary,
                  .decided = look.decided,
                  .challenge = record.challenge,
                  .expires = record.expires,
                  .machine = record.machine,
                  .machine_kind = record.machine_kind,
                  .machine_state = record.done ? record.final_state : look.state,
                  .machine_says = record.machine_says,
                  .machine_recognized_now = record.recognized_now};
  // Who was let in stays in, unless the user or the machine is shut out since.
  const bool shut_out = look.decided.because == Because::user_suspended ||
                        look.decided.because == Because::machine_blocked || !look.user;
  if (record.done && !(shut_out && look.decided.decision == Decision::deny))
    view.decided = {.decision = Decision::allow, .because = *record.done};
  const bool enrols =
      view.decided.decision == Decision::enroll || (record.done == Because::verified && look.user);
  if (enrols) view.enrollable = enrollable(look.policy(), context.rules.sendable);
  if (view.decided.decision != Decision::allow) return view;
  view.amr = record.amr;
  view.aal = record.aal;
  if (!record.done && record.primary == Primary::password) {
    view.amr = {"pwd"};
    view.aal = 1;
  }
  if (record.done)
    view.receipt = receipt_of(context, record, look, view);  // the decision is in the record
  return view;
}

void hold_and_answer(Context& context, const Caller& caller, const SignInRecord& record,
                     SignInView view, ThenView then) {
  if (auto held = hold_sign_in(context, caller, record); !held)
    return then(std::unexpected(held.error()));
  then(std::move(view));
}

}  // namespace countersign::engine
