// SPDX-License-Identifier: Apache-2.0
// TOTP (RFC 6238): checks one code against a window of time steps.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/authenticator.h"
#include "core/factors/check.h"
#include "core/ports/clock.h"
#include "core/secret.h"

namespace countersign::totp {

struct Window {
  int back = 1;     // steps before the expected one
  int forward = 1;  // and after it
  int most_drift = 20;  // steps that a token's clock may be remembered to run off
};

// Each step of the window is computed, whichever matches. On a match the new progress has counter = step + 1 and
// detail = the drift that this code shows. progress.counter: steps below it are used (T01).
[[nodiscard]] Check check(const OathParameters& parameters, const Secret& secret, const Progress& progress, const Window& window,
                          std::string_view code, Time now);

[[nodiscard]] std::int64_t step_at(const OathParameters& parameters, Time now);

}  // namespace countersign::totp
