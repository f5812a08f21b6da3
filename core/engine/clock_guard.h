// SPDX-License-Identifier: Apache-2.0
// Wall time that can be relied on: never going back, and not jumping forward within one boot (T05).
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "core/base/clock.h"

namespace countersign {

enum class ClockState {
  good,
  behind,  // earlier than something already recorded, or than any date on which this program can
           // run
  ahead,   // jumped forward since this boot's baseline
};

struct ClockReading {
  Time now{};  // the best estimate; never before anything recorded
  ClockState state = ClockState::good;
};

// Boot time does not jump; its distance to wall time, noted once per boot, tells when wall time
// does.
struct ClockBaseline {
  std::string boot_id;
  Milliseconds offset{};  // wall time at boot, since 1970
  bool operator==(const ClockBaseline&) const = default;
};

// Any thread may call.
class ClockGuard {
 public:
  // latest: the time of the newest recorded event; stored: the baseline as last stored, if any.
  ClockGuard(const Clock& clock, Time latest, std::optional<ClockBaseline> stored);

  [[nodiscard]] ClockReading read();
  // Set when this boot's baseline was taken and is not stored yet.
  [[nodiscard]] std::optional<ClockBaseline> baseline_to_store();
  // Clocks that never jump, for what is measured and not dated.
  struct Moment {
    Milliseconds since_boot{};
    Milliseconds awake{};
  };
  [[nodiscard]] Moment moment() const { return {clock_.since_boot(), clock_.awake()}; }
  // An admin says that wall time is right as it is now.
  void accept();

 private:
  const Clock& clock_;
  const std::string boot_id_;
  std::mutex mutex_;
  Time latest_;
  std::optional<ClockBaseline> baseline_;
  bool stored_ = false;
};

}  // namespace countersign
