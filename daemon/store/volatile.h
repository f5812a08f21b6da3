// SPDX-License-Identifier: Apache-2.0
// What waits for its second step, in memory: the volatile part of a store (core/ports/store.h).
#pragma once

#include <map>
#include <mutex>
#include <unordered_map>

#include "core/base/time.h"
#include "core/ports/store.h"

namespace countersign {

// What there is over all holders, and what one of them may have of it, whatever it is for (T54).
struct VolatileLimits {
  std::size_t places = 65536;
  std::size_t octets = 256UL * 1024 * 1024;
  std::size_t places_of_own = 256;            // of one uid that speaks for itself
  std::size_t octets_of_own = 1024UL * 1024;  // the same
  std::size_t places_of_others = 32768;       // of one that acts for others
  std::size_t octets_of_others = 128UL * 1024 * 1024;
};

// Any thread may call it.
class Volatile {
 public:
  explicit Volatile(VolatileLimits limits = {}) : limits_(limits) {}

  [[nodiscard]] Result<void> hold(Pending pending, std::size_t cap_per_owner, Time now);
  [[nodiscard]] Result<void> hold_instead(Pending pending, std::size_t cap_per_owner, Time now);
  [[nodiscard]] Result<Pending> take(const std::string& id, Time now);
  [[nodiscard]] Result<Pending> seen(const std::string& id, Time now);
  [[nodiscard]] Result<Generation> renew(Pending pending, Time now);
  [[nodiscard]] Result<void> take_seen(const Pending& pending, Time now);

 private:
  using ByExpiry = std::multimap<Time, std::string>;
  struct Held {
    Pending pending;
    ByExpiry::iterator expiry;
  };
  using Map = std::unordered_map<std::string, Held>;

  // A quarter of all is kept for root and for who acts for others, and a little of that for root.
  struct Used {
    std::size_t places = 0, octets = 0;
    [[nodiscard]] bool within(const Used& most) const;
  };
  [[nodiscard]] static std::size_t octets_of(const Pending& pending);
  [[nodiscard]] Used most_of(Share share) const;    // one holder
  [[nodiscard]] Used most_over(Share share) const;  // all of them
  [[nodiscard]] Result<void> require_room(const Pending& pending) const;
  [[nodiscard]] Result<void> add(Pending pending, std::size_t cap_per_owner);
  [[nodiscard]] Result<Map::iterator> find(const std::string& id, Time now);
  // The very one that was seen.
  [[nodiscard]] Result<Map::iterator> find_seen(const Pending& pending, Time now);
  void drop_expired(Time now);
  Pending remove(Map::iterator held);

  const VolatileLimits limits_;
  std::mutex mutex_;
  Generation last_generation_ = 0;
  Map held_;
  ByExpiry by_expiry_;
  std::unordered_map<std::uint64_t, std::size_t> count_of_;
  std::unordered_map<std::uint32_t, Used> used_by_;
  Used used_;
};

}  // namespace countersign
