// SPDX-License-Identifier: Apache-2.0
#include "core/engine/administration/forgetting.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

#include "core/engine/apply.h"
#include "core/engine/events.h"
#include "core/engine/lookup.h"
#include "core/engine/recipients.h"

namespace countersign::engine {
namespace {

constexpr std::size_t users_at_once = 64;

// A line each: the time in milliseconds, a space, the audience.
Bytes encode(const std::vector<Forgetting>& all) {
  std::string text;
  for (const Forgetting& each : all)
    text += std::to_string(unix_ms(each.since)) + ' ' + each.audience + '\n';
  return {text.begin(), text.end()};
}

Result<std::vector<Forgetting>> decode(BytesView stored) {
  std::vector<Forgetting> all;
  std::string_view text = as_text(stored);
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto space = text.find(' ');
    std::int64_t since = 0;
    if (end == std::string_view::npos || space > end ||
        std::from_chars(text.data(), text.data() + space, since).ec != std::errc())
      return fail(Code::corrupt, "the note of forgotten enrolments is malformed");
    all.push_back({.audience = std::string(text.substr(space + 1, end - space - 1)),
                   .since = from_unix_ms(since)});
    text.remove_prefix(end + 1);
  }
  return all;
}

// Changes the note as part of this change.
Result<void> renote(Context& context, Change& change, auto&& edit) {
  Setting setting = TRY(setting_or_new(context, forgetting_setting));
  std::vector<Forgetting> all = TRY(decode(setting.value));
  edit(all);
  setting.value = encode(all);
  change.writes.emplace_back(std::move(setting));
  return {};
}

void revoke_forgotten(Context& context, const std::optional<Caller>& caller,
                      const UserRecord& record, Time since, Change& change) {
  int revoked = 0;
  for (Authenticator each : record.authenticators) {
    if (each.status == Status::revoked || each.created >= since) continue;
    each.status = Status::revoked;
    each.ended = since;
    change.writes.emplace_back(std::move(each));
    ++revoked;
  }
  if (revoked == 0) return;
  change.events.push_back(event_of(context, caller.value_or(Caller{}), "user.forget"));
  if (!caller) change.events.back().actor = "daemon";
  change.events.back().user = record.user.name;
  change.events.back().details.emplace_back("revoked", std::to_string(revoked));
  note_address(context, change.events.back(), record.user);
}

Result<Prepared<std::string>> prepare(Context& context, const std::optional<Caller>& caller,
                                      const Forgetting& begun, const std::string& after) {
  const auto page =
      context.store.users({.after = after, .limit = users_at_once, .audience = begun.audience});
  if (!page) return std::unexpected(page.error());
  Prepared<std::string> next;
  if (page->empty()) {
    auto noted =
        renote(context, next.change, [&](std::vector<Forgetting>& all) { std::erase(all, begun); });
    if (!noted) return std::unexpected(noted.error());
    return next;
  }
  for (const UserSummary& each : *page) {
    const auto record = TRY(context.store.user_by_id(each.user.id));
    revoke_forgotten(context, caller, *record, begun.since, next.change);
  }
  next.answer = page->back().user.name;
  return next;
}

}  // namespace

Result<void> note_forgetting(Context& context, Change& change, const Forgetting& begun) {
  return renote(context, change, [&](std::vector<Forgetting>& all) {
    std::erase_if(all, [&](const Forgetting& each) { return each.audience == begun.audience; });
    all.push_back(begun);
  });
}

Result<std::vector<Forgetting>> unfinished_forgetting(Context& context) {
  const Setting setting = TRY(setting_or_new(context, forgetting_setting));
  return decode(setting.value);
}

void forget_some(Context& context, std::optional<Caller> caller, Forgetting begun,
                 std::string after, Then<std::string> then) {
  apply<std::string>(
      context,
      [&context, caller = std::move(caller), begun = std::move(begun), after = std::move(after)] {
        return prepare(context, caller, begun, after);
      },
      std::move(then));
}

}  // namespace countersign::engine
