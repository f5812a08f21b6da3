// SPDX-License-Identifier: Apache-2.0
#include "core/policy/throttle.h"

#include <algorithm>
#include <numeric>

namespace countersign {
namespace {

constexpr std::size_t most_callers = 8;  // told apart; the rest share one count
constexpr auto month = std::chrono::duration_cast<Milliseconds>(std::chrono::days(30));

}  // namespace

int consecutive_failures(const Throttle& throttle) {
  return std::accumulate(
      throttle.counts.begin(), throttle.counts.end(), 0,
      [](int sum, const Throttle::Count& count) { return sum + count.failures; });
}

Time opens_at(const Throttle& throttle, const ThrottleRules& rules) {
  Time opens{};
  const int over = consecutive_failures(throttle) - rules.free_failures;
  if (over >= 0) {
    const auto wait =
        over < 20 ? std::min(rules.longest_wait, rules.first_wait * (std::int64_t{1} << over))
                  : rules.longest_wait;
    opens = throttle.last_failure + wait;
  }
  if (throttle.month_failures >= rules.monthly_failures)
    opens = std::max(opens, throttle.month_start + month);
  return opens;
}

void add_failure(Throttle& throttle, std::uint64_t caller, Time now) {
  if (throttle.month_failures == 0 || now >= throttle.month_start + month) {
    throttle.month_start = now;
    throttle.month_failures = 0;
  }
  ++throttle.month_failures;
  throttle.last_failure = std::max(throttle.last_failure, now);
  auto count = std::ranges::find(throttle.counts, caller, &Throttle::Count::caller);
  if (count == throttle.counts.end() && throttle.counts.size() >= most_callers) {
    caller = 0;
    count = std::ranges::find(throttle.counts, caller, &Throttle::Count::caller);
  }
  if (count == throttle.counts.end())
    throttle.counts.push_back({.caller = caller, .failures = 1});
  else
    ++count->failures;
}

bool clear_failures(Throttle& throttle, std::uint64_t caller) {
  return std::erase_if(throttle.counts,
                       [&](const Throttle::Count& count) { return count.caller == caller; }) != 0;
}

void reopen(Throttle& throttle) {
  throttle.counts.clear();
  throttle.month_failures = 0;
}

}  // namespace countersign
