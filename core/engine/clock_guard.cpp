// SPDX-License-Identifier: Apache-2.0
#include "core/engine/clock_guard.h"

#include <algorithm>
#include <utility>

namespace countersign {
namespace {

using namespace std::chrono_literals;
constexpr Time program_floor = std::chrono::sys_days(std::chrono::year(2025) / 1 / 1);
constexpr Milliseconds back_tolerance = 2min;      // what NTP corrects while running
constexpr Milliseconds forward_tolerance = 10min;  // in one boot

}  // namespace

ClockGuard::ClockGuard(const Clock& clock, Time latest, std::optional<ClockBaseline> stored)
    : clock_(clock), boot_id_(clock.boot_id()), latest_(std::max(latest, program_floor)) {
  if (stored && stored->boot_id == boot_id_) {
    baseline_ = std::move(stored);
    stored_ = true;
  }
}

ClockReading ClockGuard::read() {
  const Time wall = clock_.wall();
  const Milliseconds since_boot = clock_.since_boot();
  const std::lock_guard lock(mutex_);
  const bool behind = wall + back_tolerance < latest_;
  // Without a baseline a clock that is behind has told nothing yet: a machine that boots in 1970 is
  // set right later.
  if (!baseline_ && !behind)
    baseline_ = ClockBaseline{boot_id_, wall.time_since_epoch() - since_boot};
  if (behind) return {latest_, ClockState::behind};
  const Time estimate(baseline_->offset + since_boot);
  if (wall > estimate + forward_tolerance) {
    latest_ = std::max(latest_, estimate);
    return {latest_, ClockState::ahead};
  }
  latest_ = std::max(latest_, wall);
  return {latest_, ClockState::good};
}

std::optional<ClockBaseline> ClockGuard::baseline_to_store() {
  const std::lock_guard lock(mutex_);
  if (!baseline_ || std::exchange(stored_, true)) return std::nullopt;
  return baseline_;
}

void ClockGuard::accept() {
  const Time wall = clock_.wall();
  const std::lock_guard lock(mutex_);
  latest_ = wall;
  baseline_ = ClockBaseline{boot_id_, wall.time_since_epoch() - clock_.since_boot()};
  stored_ = false;
}

}  // namespace countersign
