// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/volatile.h"

namespace countersign {

Result<void> Volatile::hold(Pending pending, std::size_t cap_per_owner, Time now) {
  const std::lock_guard lock(mutex_);
  drop_expired(now);
  if (held_.contains(pending.id)) return fail(Code::exists, "a pending thing with this id is there already");
  const auto count = count_of_.find(pending.owner);
  if ((count != count_of_.end() ? count->second : 0) >= cap_per_owner)
    return fail(Code::exhausted, "this caller has too much pending; finish or let lapse what was begun, then try again");
  if (held_.size() >= most_) return fail(Code::exhausted, "too much is pending over all callers; try again in some minutes");
  ++count_of_[pending.owner];
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
