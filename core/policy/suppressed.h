// SPDX-License-Identifier: Apache-2.0
// Denials under a throttle, counted instead of recorded.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>

#include "core/policy/throttle.h"

namespace countersign::engine {

// Denials under throttle: counted here, told by the next event that is written about the same user.
// Any thread.
class Suppressed {
 public:
  void add(ThrottleKey key) {
    const std::lock_guard lock(mutex_);
    if (counts_.size() < most_keys || counts_.contains(key)) ++counts_[key];
  }
  [[nodiscard]] std::int64_t count(ThrottleKey key) {
    const std::lock_guard lock(mutex_);
    const auto found = counts_.find(key);
    return found == counts_.end() ? 0 : found->second;
  }
  void told(ThrottleKey key, std::int64_t count) {
    const std::lock_guard lock(mutex_);
    const auto found = counts_.find(key);
    if (found != counts_.end() && (found->second -= count) <= 0) counts_.erase(found);
  }

 private:
  static constexpr std::size_t most_keys = 100'000;
  std::mutex mutex_;
  std::map<ThrottleKey, std::int64_t> counts_;
};

}  // namespace countersign::engine
