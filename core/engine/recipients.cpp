// SPDX-License-Identifier: Apache-2.0
#include "core/engine/recipients.h"

#include <algorithm>
#include <utility>

#include "core/encoding/hex.h"
#include "core/factors/sent_code.h"

namespace countersign::engine {

namespace {

constexpr std::string_view notify_identity = "old-address";

}  // namespace

bool stopped(const UserRecord& record, Kind kind) {
  return std::ranges::any_of(record.authenticators, [&](const Authenticator& each) {
    return each.kind == kind && each.status == Status::suspended;
  });
}

const std::string& recipient_of(const User& user, Kind kind) {
  return kind == Kind::sms ? user.phone : user.email;
}

std::string masked(Kind kind, std::string_view recipient) {
  return kind == Kind::sms ? sent_code::masked_phone(recipient)
                           : sent_code::masked_email(recipient);
}

std::string_view recipient_word(Kind kind) {
  return kind == Kind::sms ? "phone number" : "e-mail address";
}

void note_old_address(Context& context, audit::Event& event, const User& before,
                      const User& after) {
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
  const Result<Secret> address =
      context.vault.open(crypto::Purpose::pending, notify_identity, sealed->expose());
  return address ? std::string(address->expose_text()) : std::string();
}

void end_old_recipients(Change& change, const UserRecord& before, const User& after, Time now) {
  for (Authenticator old : before.authenticators) {
    if (!sent(old.kind) || old.status == Status::revoked ||
        recipient_of(before.user, old.kind) == recipient_of(after, old.kind))
      continue;
    old.status = Status::revoked;
    old.ended = now;
    change.writes.emplace_back(std::move(old));
  }
}

}  // namespace countersign::engine
