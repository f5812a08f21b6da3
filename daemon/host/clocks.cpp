// SPDX-License-Identifier: Apache-2.0
#include "daemon/host/clocks.h"

#include <ctime>
#include <fstream>

namespace countersign {
namespace {

Milliseconds now_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return std::chrono::duration_cast<Milliseconds>(std::chrono::seconds(now.tv_sec) +
                                                  std::chrono::nanoseconds(now.tv_nsec));
}

}  // namespace

SystemClock::SystemClock() { std::ifstream("/proc/sys/kernel/random/boot_id") >> boot_id_; }
Time SystemClock::wall() const { return Time(now_of(CLOCK_REALTIME)); }
Milliseconds SystemClock::since_boot() const { return now_of(CLOCK_BOOTTIME); }

Milliseconds SystemClock::awake() const { return Milliseconds(now_of(CLOCK_MONOTONIC)); }

}  // namespace countersign
