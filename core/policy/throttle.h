// SPDX-License-Identifier: Apache-2.0
// The one budget that all guessable kinds of a user share (T07, T08).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/id.h"
#include "core/base/time.h"
#include "core/user.h"

namespace countersign {

// Whose throttle: a user, or one of a fixed number of buckets in which unknown names are counted.
struct ThrottleKey {
  std::int64_t value = 0;  // > 0: UserId; < 0: bucket
  auto operator<=>(const ThrottleKey&) const = default;
};

struct ThrottleRules {
  int free_failures = 10;           // consecutive, over all callers
  Milliseconds first_wait{30'000};  // after that many; doubles with each further failure
  Milliseconds longest_wait{3'600'000};
  int monthly_failures = 100;  // in 30 days; successes do not refill it
  bool operator==(const ThrottleRules&) const = default;
};

struct Throttle {
  // Failures since a caller's own last success. Callers beyond the cap share the last entry (caller
  // = 0).
  struct Count {
    std::uint64_t caller = 0;
    std::int32_t failures = 0;
    bool operator==(const Count&) const = default;
  };

  ThrottleKey key;
  Generation generation = 0;
  std::vector<Count> counts;
  Time last_failure{};
  Time month_start{};
  std::int32_t month_failures = 0;

  bool operator==(const Throttle&) const = default;
};

// When the next try is let through; at or before now: at once.
[[nodiscard]] Time opens_at(const Throttle& throttle, const ThrottleRules& rules);
[[nodiscard]] int consecutive_failures(const Throttle& throttle);
void add_failure(Throttle& throttle, std::uint64_t caller, Time now);
// True when there was something to clear: only then the throttle needs writing.
[[nodiscard]] bool clear_failures(Throttle& throttle, std::uint64_t caller);
// The helpdesk's reopening: forgets consecutive and monthly failures.
void reopen(Throttle& throttle);

}  // namespace countersign
