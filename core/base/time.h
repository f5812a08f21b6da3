// SPDX-License-Identifier: Apache-2.0
// Moments and spans, in whole milliseconds.
#pragma once

#include <chrono>
#include <cstdint>

namespace countersign {

// Whole milliseconds since 1970-01-01T00:00:00Z.
using Milliseconds = std::chrono::milliseconds;
using Time = std::chrono::time_point<std::chrono::system_clock, Milliseconds>;

[[nodiscard]] constexpr std::int64_t unix_ms(Time time) { return time.time_since_epoch().count(); }
[[nodiscard]] constexpr Time from_unix_ms(std::int64_t ms) { return Time(Milliseconds(ms)); }
[[nodiscard]] constexpr std::int64_t unix_seconds(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace countersign
