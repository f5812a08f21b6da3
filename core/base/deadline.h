// SPDX-License-Identifier: Apache-2.0
// One budget of time, passed down.
#pragma once

#include <algorithm>
#include <chrono>

namespace countersign {

// One time budget, made where a request starts and passed down; no layer invents a time-out of its
// own.
class Deadline {
 public:
  using Steady = std::chrono::steady_clock;

  [[nodiscard]] static Deadline in(std::chrono::milliseconds budget) {
    return Deadline(Steady::now() + budget);
  }

  [[nodiscard]] Steady::time_point at() const { return at_; }
  [[nodiscard]] bool passed() const { return Steady::now() >= at_; }
  [[nodiscard]] std::chrono::milliseconds left() const {  // never negative
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(at_ - Steady::now());
    return std::max(rest, std::chrono::milliseconds::zero());
  }

 private:
  explicit Deadline(Steady::time_point at) : at_(at) {}
  Steady::time_point at_;
};

}  // namespace countersign
