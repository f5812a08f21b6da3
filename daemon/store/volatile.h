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
  [[nodiscard]] Result<Pending> take(const std::string& id, Time now);

 private:
  using ByExpiry = std::multimap<Time, std::string>;
  struct Held {
    Pending pending;
    ByExpiry::iterator expiry;
  };
  using Map = std::unordered_map<std::string, Held>;

  void drop_expired(Time now);
  Pending remove(Map::iterator held);

  const std::size_t most_;
  std::mutex mutex_;
  Map held_;
  ByExpiry by_expiry_;
  std::unordered_map<std::uint64_t, std::size_t> count_of_;
};

}  // namespace countersign
