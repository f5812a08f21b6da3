// SPDX-License-Identifier: Apache-2.0
// What waits for its second step, in memory: the volatile part of a store (core/ports/store.h).
#pragma once

#include <map>
#include <mutex>
#include <unordered_map>

#include "core/ports/store.h"

namespace countersign {

// Any thread may call it.
class Volatile {
 public:
  // most: over all owners; beyond it hold is refused as exhausted whoever asks.
  explicit Volatile(std::size_t most = 65536) : most_(most) {}

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

  [[nodiscard]] Result<void> add(Pending pending, std::size_t cap_per_owner);
  // The very one that was seen.
  [[nodiscard]] Result<Map::iterator> find_seen(const Pending& pending, Time now);
  void drop_expired(Time now);
  Pending remove(Map::iterator held);

  const std::size_t most_;
  std::mutex mutex_;
  Generation last_generation_ = 0;
  Map held_;
  ByExpiry by_expiry_;
  std::unordered_map<std::uint64_t, std::size_t> count_of_;
};

}  // namespace countersign
