// SPDX-License-Identifier: Apache-2.0
#include "core/engine/id_source.h"

#include <algorithm>
#include <array>

namespace countersign {
namespace {

constexpr int random_bits = 21;
constexpr std::int64_t time_mask = (std::int64_t{1} << 42) - 1;

}  // namespace

std::int64_t IdSource::next() {
  std::array<Byte, 4> noise{};
  random_.fill(noise);
  const std::int64_t low = (noise[0] | noise[1] << 8 | noise[2] << 16) & ((1 << random_bits) - 1);
  const std::int64_t fresh = (unix_ms(clock_.wall()) & time_mask) << random_bits | low;
  const std::lock_guard lock(mutex_);
  last_ = std::max(last_ + 1, fresh);
  return last_;
}

}  // namespace countersign
