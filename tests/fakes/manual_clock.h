// SPDX-License-Identifier: Apache-2.0
// A clock that only a test moves.
#pragma once

#include <atomic>

#include "core/base/clock.h"

namespace countersign::fakes {

// Stands still until it is moved. Any thread may read it.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time start = from_unix_ms(1'750'000'000'000)) : wall_(unix_ms(start)) {}

  [[nodiscard]] Time wall() const override { return from_unix_ms(wall_); }
  [[nodiscard]] Milliseconds since_boot() const override { return Milliseconds(since_boot_); }
  [[nodiscard]] std::string boot_id() const override { return std::to_string(boots_); }

  void pass(Milliseconds time) {
    wall_ += time.count();
    since_boot_ += time.count();
  }
  void jump(Milliseconds time) { wall_ += time.count(); }  // somebody set the clock
  void reboot() {
    since_boot_ = 0;
    ++boots_;
  }

 private:
  std::atomic<std::int64_t> wall_;
  std::atomic<std::int64_t> since_boot_ = 1'000'000;
  std::atomic<int> boots_ = 1;
};

}  // namespace countersign::fakes
