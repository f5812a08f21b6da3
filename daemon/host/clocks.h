// SPDX-License-Identifier: Apache-2.0
// The host's clock, and a demo store's clock that can be moved.
#pragma once

#include <atomic>

#include "core/base/clock.h"
#include "daemon/services/services.h"

namespace countersign {

// The kernel's clocks; boot id from /proc/sys/kernel/random/boot_id.
class SystemClock final : public Clock {
 public:
  SystemClock();
  [[nodiscard]] Time wall() const override;
  [[nodiscard]] Milliseconds since_boot() const override;
  [[nodiscard]] std::string boot_id() const override { return boot_id_; }
  [[nodiscard]] Milliseconds awake() const override;

 private:
  std::string boot_id_;
};

// The same, moved by hand: for demo stores.
class DemoClock final : public Clock, public routes::MovableClock {
 public:
  [[nodiscard]] Time wall() const override { return system_.wall() + Milliseconds(wall_offset_); }
  [[nodiscard]] Milliseconds since_boot() const override {
    return system_.since_boot() + Milliseconds(boot_offset_);
  }
  [[nodiscard]] std::string boot_id() const override { return system_.boot_id(); }
  [[nodiscard]] Milliseconds awake() const override {
    return system_.awake() + Milliseconds(boot_offset_);
  }
  void advance(std::chrono::seconds by) override {
    step(by);
    boot_offset_ += Milliseconds(by).count();
  }
  void step(std::chrono::seconds by) override { wall_offset_ += Milliseconds(by).count(); }

 private:
  SystemClock system_;
  std::atomic<std::int64_t> wall_offset_ = 0;
  std::atomic<std::int64_t> boot_offset_ = 0;
};

}  // namespace countersign
