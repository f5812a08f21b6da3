// SPDX-License-Identifier: Apache-2.0
#include "core/policy/send_budget.h"

#include <algorithm>

namespace countersign {
namespace {

constexpr Milliseconds hour{3'600'000};
constexpr Milliseconds day{86'400'000};

std::string_view name_of(std::string_view key) { return key.substr(0, key.find(' ')); }

// When there is room again under one limit; at or before now: there is.
Time opens_at(const std::deque<Time>& times, int most, Milliseconds span) {
  if (most <= 0) return Time::max();
  const auto count = static_cast<std::ptrdiff_t>(times.size());
  return count < most ? Time{} : *(times.end() - most) + span;
}

}  // namespace

std::optional<std::string> country_of(std::string_view phone,
                                      const std::vector<std::string>& allowed) {
  if (!phone.starts_with('+')) return std::nullopt;
  const std::string* longest = nullptr;
  for (const std::string& code : allowed)
    if (!code.empty() && phone.substr(1).starts_with(code) &&
        (longest == nullptr || code.size() > longest->size()))
      longest = &code;
  return longest == nullptr ? std::nullopt : std::optional(*longest);
}

std::vector<std::pair<std::string, SendLimit>> SendBudget::keys_of(const Sending& sending,
                                                                   const SendRules& rules) const {
  std::vector<std::pair<std::string, SendLimit>> keys = {
      {"user " + sending.user, rules.user}, {"recipient " + sending.recipient, rules.recipient}};
  if (sending.kind == Kind::sms) {
    keys.emplace_back("country " + sending.country, rules.country);
    keys.emplace_back("site sms", rules.site);
  } else {
    keys.emplace_back("site email", rules.site_email);
  }
  return keys;
}

std::optional<SendBudget::Refusal> SendBudget::refuses(const Sending& sending,
                                                       const SendRules& rules, Time now) const {
  std::optional<Refusal> refusal;
  const auto note = [&](std::string_view limit, Time opens) {
    if (opens > now && (!refusal || opens > refusal->opens)) refusal = Refusal{limit, opens};
  };
  static const std::deque<Time> never;
  for (const auto& [key, limit] : keys_of(sending, rules)) {
    const auto found = sent_.find(key);
    const std::deque<Time>& times = found == sent_.end() ? never : found->second;
    const std::string_view name = name_of(key) == "user"        ? "user"
                                  : name_of(key) == "recipient" ? "recipient"
                                  : name_of(key) == "country"   ? "country"
                                                                : "site";
    note(name, opens_at(times, limit.per_hour, hour));
    note(name, opens_at(times, limit.per_day, day));
    if (name == "recipient" && !times.empty()) note("pause", times.back() + rules.between);
  }
  return refusal;
}

void SendBudget::count(const Sending& sending, Time now) {
  drop_old(now);
  for (const auto& [key, limit] : keys_of(sending, SendRules{})) sent_[key].push_back(now);
}

// Everybody's once an hour, so that who was never sent to again is forgotten; one's own each time
// is bounded by the limits.
void SendBudget::drop_old(Time now) {
  if (now - swept_ < hour && now >= swept_) return;
  swept_ = now;
  for (auto& [key, times] : sent_)
    while (!times.empty() && times.front() + day <= now) times.pop_front();
  std::erase_if(sent_, [](const auto& entry) { return entry.second.empty(); });
}

}  // namespace countersign
