// SPDX-License-Identifier: Apache-2.0
// Time as the engine sees it. Wall time is what codes and lapses are about; boot time tells whether wall time jumped.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace countersign {

// Whole milliseconds since 1970-01-01T00:00:00Z.
using Milliseconds = std::chrono::milliseconds;
using Time = std::chrono::time_point<std::chrono::system_clock, Milliseconds>;

[[nodiscard]] constexpr std::int64_t unix_ms(Time time) { return time.time_since_epoch().count(); }
[[nodiscard]] constexpr Time from_unix_ms(std::int64_t ms) { return Time(Milliseconds(ms)); }
[[nodiscard]] constexpr std::int64_t unix_seconds(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Time wall() const = 0;               // CLOCK_REALTIME
  [[nodiscard]] virtual Milliseconds since_boot() const = 0;  // CLOCK_BOOTTIME: goes on in suspend, never jumps
  [[nodiscard]] virtual std::string boot_id() const = 0;      // differs after each boot
  // CLOCK_MONOTONIC: stands still in suspend. Its distance to since_boot() tells that the machine slept.
  [[nodiscard]] virtual Milliseconds awake() const { return since_boot(); }
};

}  // namespace countersign
