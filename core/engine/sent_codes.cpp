// SPDX-License-Identifier: Apache-2.0
#include "core/engine/sent_codes.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "core/engine/apply.h"
#include "core/engine/events.h"
#include "core/engine/lookup.h"
#include "core/factors/sent_code.h"
#include "core/formats/hex.h"

namespace countersign::engine {
namespace {

constexpr std::string_view notify_identity = "old-address";
constexpr std::string_view enrolment_prefix = "enroll ";

std::string_view thing(Kind kind) { return kind == Kind::sms ? "phone number" : "e-mail address"; }

Error refused(const SendBudget::Refusal& refusal, Kind kind) {
  if (refusal.limit == "pause") return {Code::exhausted, fmt::format("a code was sent there a moment ago; wait until {:%H:%M:%S} UTC, or use another authenticator", std::chrono::floor<std::chrono::seconds>(refusal.opens))};
  const std::string_view whose = refusal.limit == "user" ? "to this user" : refusal.limit == "recipient" ? (kind == Kind::sms ? "to this number" : "to this address") : refusal.limit == "country" ? "to this country" : "from here";
  return {Code::exhausted, fmt::format("too many codes were sent {}; the next one can be sent at {:%Y-%m-%d %H:%M} UTC. Another authenticator works meanwhile", whose, std::chrono::ceil<std::chrono::minutes>(refusal.opens))};
}

// Tells numbers and addresses apart in the record without naming them.
std::string pseudonym(Context& context, Kind kind, const std::string& recipient) {
  const Bytes digest = context.vault.digest("send-budget " + std::string(to_name(kind)), as_bytes(recipient));
  return formats::hex_encode(BytesView(digest).subspan(4, 8));
}

struct Planned {
  Caller caller;
  Kind kind = Kind::sms;
  std::string bound_to;
  std::optional<int> digits;
};

// Who may be sent to: the throttle's, the country's and the budgets' say.
Result<Sending> admit(Context& context, SendBook& book, const UserRecord& record, Kind kind, const std::string& recipient, Time now) {
  if (record.user.suspended) return fail(Code::not_permitted, "the user is suspended");
  if (const Time opens = opens_at(record.throttle, context.rules.throttle); opens > now)
    return fail(Code::exhausted, fmt::format("too many wrong codes; codes are let through again at {:%Y-%m-%d %H:%M} UTC. Security keys and cards work", std::chrono::ceil<std::chrono::minutes>(opens)));
  Sending sending{.kind = kind, .user = record.user.name, .recipient = pseudonym(context, kind, recipient), .country = {}};
  if (kind == Kind::sms) {
    auto country = country_of(recipient, context.rules.sending.countries);
    if (!country) return fail(Code::not_permitted, "no SMS is sent to the country of this number; an administrator adds its calling code to sms.countries, or another authenticator is used");
    sending.country = std::move(*country);
  }
  if (const auto refusal = book.enter(sending, context.rules.sending, now)) return std::unexpected(refused(*refusal, kind));
  return sending;
}

// The first half of both ways: admitted, made, kept, recorded.
void send(Context& context, SendBook& book, const std::shared_ptr<const UserRecord>& record, const Planned& planned, const std::string& recipient, Then<CodeToSend> then) {
  const Time now = context.clock.read().now;
  const Kind kind = planned.kind;
  Result<Secret> code = sent_code::make(context.random, planned.digits.value_or(context.rules.sent.digits));
  if (!code) return then(std::unexpected(code.error()));
  const Result<Sending> sending = admit(context, book, *record, kind, recipient, now);
  if (!sending) return then(std::unexpected(sending.error()));
  const bool enrolling = planned.bound_to.starts_with(enrolment_prefix);
  std::string id =
      enrolling ? planned.bound_to.substr(enrolment_prefix.size()) : to_text(context.ids.next());
  auto answer = std::make_shared<CodeToSend>(
      CodeToSend{.id = std::move(id),
                 .kind = kind,
                 .user = record->user.name,
                 .display_name = record->user.display_name,
                 .recipient = recipient,
                 .masked = masked(kind, recipient),
                 .service = planned.caller.service,
                 .code = std::move(*code),
                 .expires = now + std::min(context.rules.sent.lives, sent_code::longest_life),
                 .slot = {}});
  answer->slot = {.user = record->user.id, .kind = kind, .bound_to = planned.bound_to, .owner = enrolling ? 0 : code_owner(planned.caller), .holder = planned.caller.holder()};
  HeldCode held{.id = answer->id, .recipient = recipient, .digest = {}, .expires = answer->expires};
  held.digest = code_digest(context, answer->slot, held, answer->code);
  if (auto kept = hold_code(context, answer->slot, held); !kept) return then(std::unexpected(kept.error()));
  Change change;
  audit::Event event = event_of(context, planned.caller, "code.send");
  event.user = record->user.name;
  event.details = {{"kind", std::string(to_name(kind))}, {"to", sending->recipient}};
  if (!sending->country.empty()) event.details.emplace_back("country", sending->country);
  if (enrolling) event.details.emplace_back("for", "enroll");
  change.events.push_back(std::move(event));
  context.store.commit(std::move(change), [answer, then = std::move(then)](const Result<Applied>& applied) mutable {
    if (applied) then(std::move(*answer));
    else then(std::unexpected(applied.error()));
  });
}

Result<void> require_sent_kind(Kind kind) {
  if (sent(kind)) return {};
  return fail(Code::invalid, "codes are sent by sms or email");
}

}  // namespace

std::optional<SendBudget::Refusal> SendBook::enter(const Sending& sending, const SendRules& rules, Time now) {
  const std::lock_guard lock(mutex_);
  auto refusal = budget_.refuses(sending, rules, now);
  if (!refusal) budget_.count(sending, now);
  return refusal;
}

void SendBook::remember(const Sending& sending, Time when) {
  const std::lock_guard lock(mutex_);
  budget_.count(sending, when);
}

bool stopped(const UserRecord& record, Kind kind) {
  return std::ranges::any_of(record.authenticators, [&](const Authenticator& each) {
    return each.kind == kind && each.status == Status::suspended;
  });
}

const std::string& recipient_of(const User& user, Kind kind) { return kind == Kind::sms ? user.phone : user.email; }

std::string masked(Kind kind, std::string_view recipient) { return kind == Kind::sms ? sent_code::masked_phone(recipient) : sent_code::masked_email(recipient); }

void begin_sent_code(Context& context, SendBook& book, SendCode request, Then<CodeToSend> then) {
  if (auto held = require_sent_kind(request.kind); !held) return then(std::unexpected(held.error()));
  const auto record = user_named(context, request.user);
  if (!record) return then(std::unexpected(record.error()));
  const std::string recipient = recipient_of((*record)->user, request.kind);
  if (recipient.empty())
    return then(fail(Code::not_found, fmt::format("the user has no {} on file; an administrator enters one with 'countersign user set', or the user proves one with 'countersign enroll {}'", thing(request.kind), to_name(request.kind))));
  if (stopped(**record, request.kind))
    return then(
        fail(Code::not_permitted,
             fmt::format("the user's {} is suspended as an authenticator", thing(request.kind))));
  send(context, book, *record, {.caller = std::move(request.caller), .kind = request.kind, .bound_to = std::move(request.bound_to), .digits = request.digits}, recipient, std::move(then));
}

void begin_sent_enrollment(Context& context, SendBook& book, EnrollSent request, Then<CodeToSend> then) {
  if (auto held = require_sent_kind(request.kind); !held) return then(std::unexpected(held.error()));
  if (auto held = validate_label(request.label); !held) return then(std::unexpected(held.error()));
  const auto record = user_named(context, request.user);
  if (!record) return then(std::unexpected(record.error()));
  User user = (*record)->user;
  if (!request.recipient.empty()) (request.kind == Kind::sms ? user.phone : user.email) = request.recipient;
  if (auto held = validate(user); !held) return then(std::unexpected(held.error()));
  const std::string recipient = recipient_of(user, request.kind);
  if (recipient.empty()) return then(fail(Code::invalid, fmt::format("the user has no {} on file: give one", thing(request.kind))));
  const Time now = context.clock.read().now;
  PendingEnrollment pending{.authenticator = {.id = context.ids.make<AuthenticatorId>(), .user = user.id, .kind = request.kind, .label = request.label, .created = now},
                            .user = user.name,
                            .secret = Secret(recipient),
                            .grounds = request.grounds};
  const std::string id = to_text(pending.authenticator.id);
  const Time expires = now + std::min(context.rules.sent.lives, sent_code::longest_life);
  if (auto kept = hold_enrollment(context, request.caller, pending, expires); !kept)
    return then(std::unexpected(kept.error()));
  send(context, book, *record,
       {.caller = std::move(request.caller),
        .kind = request.kind,
        .bound_to = std::string(enrolment_prefix) + id,
        .digits = std::nullopt},
       recipient, [&context, id, then = std::move(then)](Result<CodeToSend> sent) mutable {
         if (!sent) (void)context.store.take(id, context.clock.read().now);
         then(std::move(sent));
       });
}

bool code_waits(Context& context, const Caller& caller, const std::string& user,
                const std::string& bound_to) {
  const auto record = user_named(context, user);
  if (!record) return false;
  return std::ranges::any_of(std::array{Kind::sms, Kind::email}, [&](Kind kind) {
    return waiting_code(context,
                        {.user = (*record)->user.id,
                         .kind = kind,
                         .bound_to = bound_to,
                         .owner = code_owner(caller)})
        .has_value();
  });
}

CodeSlot slot_of(const PendingEnrollment& pending) {
  return {.user = pending.authenticator.user,
          .kind = pending.authenticator.kind,
          .bound_to = std::string(enrolment_prefix) + to_text(pending.authenticator.id),
          .owner = 0};
}

void note_old_address(Context& context, audit::Event& event, const User& before, const User& after) {
  User gone;
  if (before.email != after.email) gone.email = before.email;
  if (before.phone != after.phone) gone.phone = before.phone;
  note_address(context, event, gone);
}

void note_address(Context& context, audit::Event& event, const User& user) {
  for (const auto& [detail, address] :
       {std::pair("notify", &user.email), std::pair("notify_sms", &user.phone)}) {
    if (address->empty()) continue;
    const Bytes sealed =
        context.vault.seal(crypto::Purpose::pending, notify_identity, Secret(*address));
    event.details.emplace_back(detail, formats::hex_encode(sealed));
  }
}

std::string old_address(Context& context, std::string_view detail) {
  const Result<Secret> sealed = formats::hex_decode(detail);
  if (!sealed || sealed->size() < 4) return {};
  const Result<Secret> address = context.vault.open(crypto::Purpose::pending, notify_identity, sealed->expose());
  return address ? std::string(address->expose_text()) : std::string();
}

void put_on_file(Context& context, Change& change, const UserRecord& record, const PendingEnrollment& pending, audit::Event& event) {
  const Authenticator& bound = pending.authenticator;
  User user = record.user;
  std::string& on_file = bound.kind == Kind::sms ? user.phone : user.email;
  if (on_file == pending.secret.expose_text()) {
    change.require.push_back({user.id, user.generation});
  } else {
    on_file = pending.secret.expose_text();
    event.details.emplace_back("changed", bound.kind == Kind::sms ? "phone" : "email");
    note_old_address(context, event, record.user, user);
    change.writes.emplace_back(user);
  }
  for (Authenticator old : record.authenticators) {
    if (old.kind != bound.kind || old.status == Status::revoked) continue;
    old.status = Status::revoked;
    old.ended = bound.created;
    change.writes.emplace_back(std::move(old));
  }
}

void end_old_recipients(Change& change, const UserRecord& before, const User& after, Time now) {
  for (Authenticator old : before.authenticators) {
    if (!sent(old.kind) || old.status == Status::revoked || recipient_of(before.user, old.kind) == recipient_of(after, old.kind)) continue;
    old.status = Status::revoked;
    old.ended = now;
    change.writes.emplace_back(std::move(old));
  }
}

void sending_failed(Context& context, const Caller& caller, const CodeToSend& sent, const Error& error) {
  (void)take_code(context, sent.slot, sent.id);
  Change change;
  audit::Event event = event_of(context, caller, "code.send");
  event.user = sent.user;
  event.outcome = "failed";
  event.reason = "not-sent";
  event.details = {{"kind", std::string(to_name(sent.kind))}, {"why", error.what}};
  change.events.push_back(std::move(event));
  context.store.commit(std::move(change), [](const Result<Applied>&) {});
}

}  // namespace countersign::engine
