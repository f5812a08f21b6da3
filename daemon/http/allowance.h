// SPDX-License-Identifier: Apache-2.0
// How much one uid that speaks for itself may write: each change is an event in the record, which
// is kept (T55).
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>

#include "core/base/time.h"

namespace countersign::http {

// A bucket for each uid that fills again with time. Any thread.
class Allowance {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Limits {
    int at_once = 600;
    std::chrono::milliseconds each = std::chrono::milliseconds(500);  // until there is one more
  };
  Allowance() = default;
  explicit Allowance(Limits limits) : limits_(limits) {}

  // Takes one, if there is one.
  [[nodiscard]] bool take(std::uint32_t uid, Time now = std::chrono::steady_clock::now());

 private:
  void forget_full(Time now);

  const Limits limits_ = {};
  std::mutex mutex_;
  // When the bucket is full again. Those that are full are not kept.
  std::map<std::uint32_t, Time> full_at_;
  Time looked_{};
};

}  // namespace countersign::http
