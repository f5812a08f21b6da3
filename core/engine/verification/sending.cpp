// SPDX-License-Identifier: Apache-2.0
#include "core/engine/verification/sending.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "core/encoding/hex.h"
#include "core/engine/apply.h"
#include "core/engine/events.h"
#include "core/engine/lookup.h"
#include "core/engine/recipients.h"
#include "core/factors/sent_code.h"

namespace countersign::engine {
namespace {

Error over_budget(const SendBudget::Refusal& refusal, Kind kind) {
  if (refusal.limit == "pause")
    return {Code::exhausted, fmt::format("a code was sent there a moment ago; wait until "
                                         "{:%H:%M:%S} UTC, or use another authenticator",
                                         std::chrono::floor<std::chrono::seconds>(refusal.opens))};
  const std::string_view whose = refusal.limit == "user" ? "to this user"
                                 : refusal.limit == "recipient"
                                     ? (kind == Kind::sms ? "to this number" : "to this address")
                                 : refusal.limit == "country" ? "to this country"
                                                              : "from here";
  return {Code::exhausted,
          fmt::format("too many codes were sent {}; the next one can be sent at {:%Y-%m-%d %H:%M} "
                      "UTC. Another authenticator works meanwhile",
                      whose, std::chrono::ceil<std::chrono::minutes>(refusal.opens))};
}

// Tells numbers and addresses apart in the record without naming them.
std::string pseudonym(Context& context, Kind kind, const std::string& recipient) {
  const Bytes digest =
      context.vault.digest("send-budget " + std::string(to_name(kind)), as_bytes(recipient));
  return formats::hex_encode(BytesView(digest).subspan(4, 8));
}

// Who may be sent to: the throttle's, the country's and the budgets' say.
Result<Sending> admit(Context& context, SendBook& book, const UserRecord& record, Kind kind,
                      const std::string& recipient, Time now) {
  if (record.user.suspended) return fail(Code::not_permitted, "the user is suspended");
  if (const Time opens = opens_at(record.throttle, context.rules.throttle); opens > now)
    return fail(Code::exhausted, fmt::format("too many wrong codes; codes are accepted again at "
                                             "{:%Y-%m-%d %H:%M} UTC. Security keys and cards work",
                                             std::chrono::ceil<std::chrono::minutes>(opens)));
  Sending sending{.kind = kind,
                  .user = record.user.name,
                  .recipient = pseudonym(context, kind, recipient),
                  .country = {}};
  if (kind == Kind::sms) {
    auto country = country_of(recipient, context.rules.sending.countries);
    if (!country)
      return fail(
          Code::not_permitted,
          "no SMS is sent to the country of this number; ask an administrator to add its calling "
          "code to sms.countries, or use another authenticator");
    sending.country = std::move(*country);
  }
  if (const auto refusal = book.enter(sending, context.rules.sending, now))
    return std::unexpected(over_budget(*refusal, kind));
  return sending;
}

}  // namespace

std::optional<SendBudget::Refusal> SendBook::enter(const Sending& sending, const SendRules& rules,
                                                   Time now) {
  const std::lock_guard lock(mutex_);
  auto refusal = budget_.refuses(sending, rules, now);
  if (!refusal) budget_.count(sending, now);
  return refusal;
}

void SendBook::remember(const Sending& sending, Time when) {
  const std::lock_guard lock(mutex_);
  budget_.count(sending, when);
}

Result<void> require_sent_kind(Kind kind) {
  if (sent(kind)) return {};
  return fail(Code::invalid, "codes are sent by sms or email");
}

void send_code(Context& context, SendBook& book, const std::shared_ptr<const UserRecord>& record,
               const CodeOrder& order, const std::string& recipient, Then<CodeToSend> then) {
  const Time now = context.clock.read().now;
  const Kind kind = order.kind;
  Result<Secret> code =
      sent_code::make(context.random, order.digits.value_or(context.rules.sent.digits));
  if (!code) return then(std::unexpected(code.error()));
  const Result<Sending> sending = admit(context, book, *record, kind, recipient, now);
  if (!sending) return then(std::unexpected(sending.error()));
  const bool enrolling = !order.enrollment.empty();
  std::string id = enrolling ? order.enrollment : to_text(context.ids.next());
  auto answer = std::make_shared<CodeToSend>(
      CodeToSend{.id = std::move(id),
                 .kind = kind,
                 .user = record->user.name,
                 .display_name = record->user.display_name,
                 .recipient = recipient,
                 .masked = masked(kind, recipient),
                 .service = order.caller.service,
                 .code = std::move(*code),
                 .expires = now + std::min(context.rules.sent.lives, sent_code::longest_life),
                 .slot = {}});
  answer->slot = {.user = record->user.id,
                  .kind = kind,
                  .bound_to = order.bound_to,
                  .owner = enrolling ? 0 : code_owner(order.caller),
                  .holder = order.caller.holder()};
  HeldCode held{.id = answer->id, .recipient = recipient, .digest = {}, .expires = answer->expires};
  held.digest = code_digest(context, answer->slot, held, answer->code);
  if (auto kept = hold_code(context, answer->slot, held); !kept)
    return then(std::unexpected(kept.error()));
  Change change;
  audit::Event event = event_of(context, order.caller, "code.send");
  event.user = record->user.name;
  event.details = {{"kind", std::string(to_name(kind))}, {"to", sending->recipient}};
  if (!sending->country.empty()) event.details.emplace_back("country", sending->country);
  if (enrolling) event.details.emplace_back("for", "enroll");
  change.events.push_back(std::move(event));
  context.store.commit(std::move(change),
                       [answer, then = std::move(then)](const Result<Applied>& applied) mutable {
                         if (applied)
                           then(std::move(*answer));
                         else
                           then(std::unexpected(applied.error()));
                       });
}

void begin_sent_code(Context& context, SendBook& book, SendCode request, Then<CodeToSend> then) {
  if (auto held = require_sent_kind(request.kind); !held)
    return then(std::unexpected(held.error()));
  const auto record = user_named(context, request.user);
  if (!record) return then(std::unexpected(record.error()));
  const std::string recipient = recipient_of((*record)->user, request.kind);
  if (recipient.empty())
    return then(fail(
        Code::not_found,
        fmt::format("the user has no {} on file; an administrator enters one with 'countersign "
                    "user set', or the user proves one with 'countersign enroll {}'",
                    recipient_word(request.kind), to_name(request.kind))));
  if (stopped(**record, request.kind))
    return then(
        fail(Code::not_permitted, fmt::format("the user's {} is suspended as an authenticator",
                                              recipient_word(request.kind))));
  send_code(context, book, *record,
            {.caller = std::move(request.caller),
             .kind = request.kind,
             .bound_to = std::move(request.bound_to),
             .digits = request.digits},
            recipient, std::move(then));
}

bool code_waits(Context& context, const Caller& caller, const std::string& user,
                const std::string& bound_to) {
  const auto record = user_named(context, user);
  if (!record) return false;
  return std::ranges::any_of(std::array{Kind::sms, Kind::email}, [&](Kind kind) {
    return waiting_code(context, {.user = (*record)->user.id,
                                  .kind = kind,
                                  .bound_to = bound_to,
                                  .owner = code_owner(caller)})
        .has_value();
  });
}

void sending_failed(Context& context, const Caller& caller, const CodeToSend& sent,
                    const Error& error) {
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
