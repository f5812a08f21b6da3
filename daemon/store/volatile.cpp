// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/volatile.h"

#include <utility>

namespace countersign {

Result<void> Volatile::hold(Pending pending, std::size_t cap_per_owner, Time now) {
  const std::lock_guard lock(mutex_);
  drop_expired(now);
  if (held_.contains(pending.id))
    return fail(Code::exists, "a pending thing with this id is there already");
  return add(std::move(pending), cap_per_owner);
}

Result<void> Volatile::hold_instead(Pending pending, std::size_t cap_per_owner, Time now) {
  const std::lock_guard lock(mutex_);
  drop_expired(now);
  if (const auto held = held_.find(pending.id); held != held_.end()) (void)remove(held);
  return add(std::move(pending), cap_per_owner);
}

bool Volatile::Used::within(const Used& most) const {
  return places <= most.places && octets <= most.octets;
}

// With what the two maps keep beside it.
std::size_t Volatile::octets_of(const Pending& pending) {
  constexpr std::size_t beside = 256;
  return beside + 3 * pending.id.size() + pending.body.size();
}

Volatile::Used Volatile::most_of(Share share) const {
  switch (share) {
    case Share::own:
      return {limits_.places_of_own, limits_.octets_of_own};
    case Share::others:
      return {limits_.places_of_others, limits_.octets_of_others};
    case Share::root:
      return {limits_.places, limits_.octets};
  }
  std::unreachable();
}

Volatile::Used Volatile::most_over(Share share) const {
  const auto part = [this](std::size_t less) {
    return Used{limits_.places - limits_.places / less, limits_.octets - limits_.octets / less};
  };
  switch (share) {
    case Share::own:
      return part(4);
    case Share::others:
      return part(64);
    case Share::root:
      return {limits_.places, limits_.octets};
  }
  std::unreachable();
}

Result<void> Volatile::require_room(const Pending& pending) const {
  const auto with = [octets = octets_of(pending)](const Used& used) {
    return Used{used.places + 1, used.octets + octets};
  };
  const Share share = pending.holder.share;
  const auto mine = used_by_.find(pending.holder.uid);
  if (!with(mine != used_by_.end() ? mine->second : Used{}).within(most_of(share)))
    return fail(
        Code::exhausted,
        "this caller has too much pending; finish what it began or let it expire, then try again");
  if (!with(used_).within(most_over(share)))
    return fail(Code::exhausted,
                "too much is pending for all callers together; try again in a few minutes");
  return {};
}

Result<void> Volatile::add(Pending pending, std::size_t cap_per_owner) {
  const auto count = count_of_.find(pending.owner);
  if ((count != count_of_.end() ? count->second : 0) >= cap_per_owner)
    return fail(
        Code::exhausted,
        "this caller has too much pending; finish what it began or let it expire, then try again");
  TRY(require_room(pending));
  ++count_of_[pending.owner];
  for (Used* used : {&used_, &used_by_[pending.holder.uid]}) {
    ++used->places;
    used->octets += octets_of(pending);
  }
  pending.generation = ++last_generation_;
  const auto expiry = by_expiry_.emplace(pending.expires, pending.id);
  std::string id = pending.id;
  held_.emplace(std::move(id), Held{std::move(pending), expiry});
  return {};
}

Result<Volatile::Map::iterator> Volatile::find(const std::string& id, Time now) {
  drop_expired(now);
  const auto held = held_.find(id);
  if (held == held_.end())
    return fail(Code::not_found,
                "nothing is pending with this id: it is done, has expired, or never existed");
  return held;
}

Result<Pending> Volatile::take(const std::string& id, Time now) {
  const std::lock_guard lock(mutex_);
  return remove(TRY(find(id, now)));
}

Result<Pending> Volatile::seen(const std::string& id, Time now) {
  const std::lock_guard lock(mutex_);
  return TRY(find(id, now))->second.pending;
}

Result<Volatile::Map::iterator> Volatile::find_seen(const Pending& pending, Time now) {
  drop_expired(now);
  const auto held = held_.find(pending.id);
  if (held == held_.end() || held->second.pending.generation != pending.generation)
    return fail(Code::conflict,
                "what was pending with this id is done, has expired, or was replaced");
  return held;
}

Result<Generation> Volatile::renew(Pending pending, Time now) {
  const std::lock_guard lock(mutex_);
  const auto held = TRY(find_seen(pending, now));
  Pending& kept = held->second.pending;
  for (Used* used : {&used_, &used_by_[kept.holder.uid]})
    used->octets = used->octets - kept.body.size() + pending.body.size();
  kept.body = std::move(pending.body);
  return kept.generation = ++last_generation_;
}

Result<void> Volatile::take_seen(const Pending& pending, Time now) {
  const std::lock_guard lock(mutex_);
  const auto held = TRY(find_seen(pending, now));
  (void)remove(held);
  return {};
}

void Volatile::drop_expired(Time now) {
  while (!by_expiry_.empty() && by_expiry_.begin()->first <= now)
    (void)remove(held_.find(by_expiry_.begin()->second));
}

Pending Volatile::remove(Map::iterator held) {
  Pending pending = std::move(held->second.pending);
  by_expiry_.erase(held->second.expiry);
  held_.erase(held);
  if (const auto count = count_of_.find(pending.owner); --count->second == 0)
    count_of_.erase(count);
  const auto mine = used_by_.find(pending.holder.uid);
  for (Used* used : {&used_, &mine->second}) {
    --used->places;
    used->octets -= octets_of(pending);
  }
  if (mine->second.places == 0) used_by_.erase(mine);
  return pending;
}

}  // namespace countersign
