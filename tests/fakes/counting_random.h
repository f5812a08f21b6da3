// SPDX-License-Identifier: Apache-2.0
// Random octets that are the same in each run.
#pragma once

#include <algorithm>
#include <atomic>

#include "core/base/random.h"

namespace countersign::fakes {

// Gives octets that repeat from run to run and, filled eight or more at a time, never within one:
// SplitMix64.
class CountingRandom final : public Random {
 public:
  void fill(std::span<Byte> out) override {
    while (!out.empty()) {
      std::uint64_t word = next_.fetch_add(0x9E3779B97F4A7C15U);
      word = (word ^ (word >> 30U)) * 0xBF58476D1CE4E5B9U;
      word = (word ^ (word >> 27U)) * 0x94D049BB133111EBU;
      word ^= word >> 31U;
      const std::size_t count = std::min<std::size_t>(out.size(), 8);
      for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<Byte>(word >> (8 * i));
      out = out.subspan(count);
    }
  }

 private:
  std::atomic<std::uint64_t> next_ = 1;
};

}  // namespace countersign::fakes
