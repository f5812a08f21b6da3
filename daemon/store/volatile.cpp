// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/volatile.h"

namespace countersign {

Result<void> Volatile::hold(Pending pending, std::size_t cap_per_owner, Time now) {
  const std::lock_guard lock(mutex_);
  drop_expired(now);
  if (held_.contains(pending.id)) return fail(Code::exists, "a pending thing with this id is there already");
  return add(std::move(pending), cap_per_owner);
}

Result<void> Volatile::hold_instead(Pending pending, std::size_t cap_per_owner, Time now) {
  const std::lock_guard lock(mutex_);
  drop_expired(now);
  if (const auto held = held_.find(pending.id); held != held_.end()) (void)remove(held);
  return add(std::move(pending), cap_per_owner);
}

Result<void> Volatile::add(Pending pending, std::size_t cap_per_owner) {
  const auto count = count_of_.find(pending.owner);
  if ((count != count_of_.end() ? count->second : 0) >= cap_per_owner)
    return fail(Code::exhausted, "this caller has too much pending; finish or let lapse what was begun, then try again");
  if (held_.size() >= most_) return fail(Code::exhausted, "too much is pending over all callers; try again in some minutes");
  ++count_of_[pending.owner];
  pending.generation = ++last_generation_;
  const auto expiry = by_expiry_.emplace(pending.expires, pending.id);
  std::string id = pending.id;
  held_.emplace(std::move(id), Held{std::move(pending), expiry});
  return {};
}

Result<Pending> Volatile::take(const std::string& id, Time now) {
  const std::lock_guard lock(mutex_);
  drop_expired(now);
  const auto held = held_.find(id);
  if (held == held_.end()) return fail(Code::not_found, "nothing is pending under this id: it is done, has expired, or never was");
  return remove(held);
}

Result<Pending> Volatile::seen(const std::string& id, Time now) {
  const std::lock_guard lock(mutex_);
  drop_expired(now);
  const auto held = held_.find(id);
  if (held == held_.end())
    return fail(Code::not_found,
                "nothing is pending under this id: it is done, has expired, or never was");
  return held->second.pending;
}

Result<Volatile::Map::iterator> Volatile::find_seen(const Pending& pending, Time now) {
  drop_expired(now);
  const auto held = held_.find(pending.id);
  if (held == held_.end() || held->second.pending.generation != pending.generation)
    return fail(Code::conflict,
                "what was pending under this id is done, has expired, or was replaced");
  return held;
}

Result<Generation> Volatile::renew(Pending pending, Time now) {
  const std::lock_guard lock(mutex_);
  const auto held = find_seen(pending, now);
  if (!held) return std::unexpected(held.error());
  Pending& kept = (*held)->second.pending;
  kept.body = std::move(pending.body);
  return kept.generation = ++last_generation_;
}

Result<void> Volatile::take_seen(const Pending& pending, Time now) {
  const std::lock_guard lock(mutex_);
  const auto held = find_seen(pending, now);
  if (!held) return std::unexpected(held.error());
  (void)remove(*held);
  return {};
}

void Volatile::drop_expired(Time now) {
  while (!by_expiry_.empty() && by_expiry_.begin()->first <= now) (void)remove(held_.find(by_expiry_.begin()->second));
}

Pending Volatile::remove(Map::iterator held) {
  Pending pending = std::move(held->second.pending);
  by_expiry_.erase(held->second.expiry);
  held_.erase(held);
  if (const auto count = count_of_.find(pending.owner); --count->second == 0) count_of_.erase(count);
  return pending;
}

}  // namespace countersign
