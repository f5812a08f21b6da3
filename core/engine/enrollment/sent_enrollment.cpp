// SPDX-License-Identifier: Apache-2.0
#include "core/engine/enrollment/sent_enrollment.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/engine/lookup.h"
#include "core/engine/recipients.h"
#include "core/factors/sent_code.h"

namespace countersign::engine {

namespace {

// CodeSlot::bound_to of the code that confirms this enrolment.
std::string slot_name(const std::string& id) { return "enroll " + id; }

}  // namespace

void begin_sent_enrollment(Context& context, SendBook& book, EnrollSent request,
                           Then<CodeToSend> then) {
  if (auto held = require_sent_kind(request.kind); !held)
    return then(std::unexpected(held.error()));
  if (auto held = validate_label(request.label); !held) return then(std::unexpected(held.error()));
  const auto record = user_named(context, request.user);
  if (!record) return then(std::unexpected(record.error()));
  User user = (*record)->user;
  if (!request.recipient.empty())
    (request.kind == Kind::sms ? user.phone : user.email) = request.recipient;
  if (auto held = validate(user); !held) return then(std::unexpected(held.error()));
  const std::string recipient = recipient_of(user, request.kind);
  if (recipient.empty())
    return then(fail(Code::invalid, fmt::format("the user has no {} on file: give one",
                                                recipient_word(request.kind))));
  const Time now = context.clock.read().now;
  PendingEnrollment pending{.authenticator = {.id = context.ids.make<AuthenticatorId>(),
                                              .user = user.id,
                                              .kind = request.kind,
                                              .label = request.label,
                                              .created = now},
                            .user = user.name,
                            .secret = Secret(recipient),
                            .grounds = request.grounds};
  const std::string id = to_text(pending.authenticator.id);
  const Time expires = now + std::min(context.rules.sent.lives, sent_code::longest_life);
  if (auto kept = hold_enrollment(context, request.caller, pending, expires); !kept)
    return then(std::unexpected(kept.error()));
  send_code(context, book, *record,
            {.caller = std::move(request.caller),
             .kind = request.kind,
             .bound_to = slot_name(id),
             .enrollment = id},
            recipient, [&context, id, then = std::move(then)](Result<CodeToSend> sent) mutable {
              if (!sent) (void)context.store.take(id, context.clock.read().now);
              then(std::move(sent));
            });
}

CodeSlot slot_of(const PendingEnrollment& pending) {
  return {.user = pending.authenticator.user,
          .kind = pending.authenticator.kind,
          .bound_to = slot_name(to_text(pending.authenticator.id)),
          .owner = 0};
}

void put_on_file(Context& context, Change& change, const UserRecord& record,
                 const PendingEnrollment& pending, audit::Event& event) {
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

}  // namespace countersign::engine
