// SPDX-License-Identifier: Apache-2.0
// Time as the engine sees it. Wall time is what codes and lapses are about; boot time tells whether
// wall time jumped.
#pragma once

#include <string>

#include "core/base/time.h"

namespace countersign {

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Time wall() const = 0;  // CLOCK_REALTIME
  [[nodiscard]] virtual Milliseconds since_boot()
      const = 0;  // CLOCK_BOOTTIME: goes on in suspend, never jumps
  [[nodiscard]] virtual std::string boot_id() const = 0;  // differs after each boot
  // CLOCK_MONOTONIC: stands still in suspend. Its distance to since_boot() tells that the machine
  // slept.
  [[nodiscard]] virtual Milliseconds awake() const { return since_boot(); }
};

}  // namespace countersign
