// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/allowance.h"

#include <algorithm>

namespace countersign::http {

bool Allowance::take(std::uint32_t uid, Time now) {
  const std::lock_guard lock(mutex_);
  forget_full(now);
  Time& full_at = full_at_[uid];
  full_at = std::max(full_at, now);
  const Time with_this = full_at + limits_.each;
  if (with_this - now > limits_.at_once * limits_.each) return false;
  full_at = with_this;
  return true;
}

void Allowance::forget_full(Time now) {
  if (now - looked_ < limits_.at_once * limits_.each) return;
  looked_ = now;
  std::erase_if(full_at_, [now](const auto& each) { return each.second <= now; });
}

}  // namespace countersign::http
