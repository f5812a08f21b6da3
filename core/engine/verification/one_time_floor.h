// SPDX-License-Identifier: Apache-2.0
// What counts as used of a one-time code after the clock or the store was set back.
#pragma once

#include <algorithm>

#include "core/base/time.h"
#include "core/engine/context.h"
#include "core/factors/totp.h"

namespace countersign::engine {

// What is used up of a TOTP authenticator: its row's word, and every step that it can have shown by
// the time a restored store was accepted (T06). It showed them by its own clock, which runs ahead
// or behind.
[[nodiscard]] inline Progress used_up(const Context& context, const Authenticator& authenticator) {
  Progress progress = authenticator.progress;
  if (const std::int64_t floor = context.floor; floor != 0) {
    const std::int64_t shown =
        totp::step_at(authenticator.oath, from_unix_ms(floor)) + progress.detail;
    progress.counter = std::max(progress.counter, shown + 1);
  }
  return progress;
}

}  // namespace countersign::engine
