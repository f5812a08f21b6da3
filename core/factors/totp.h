// SPDX-License-Identifier: Apache-2.0
// TOTP (RFC 6238): checks a code against a window of time steps; finds a token's clock by two.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/authenticator.h"
#include "core/base/clock.h"
#include "core/base/secret.h"
#include "core/factors/check.h"

namespace countersign::totp {

struct Window {
  int back = 1;     // steps before the expected one
  int forward = 1;  // and after it
  // §6: how far the remembered drift follows the codes that are accepted. Once two consecutive
  // codes, or an import, have put it further off than most_drift, resync_steps is the bound.
  int most_drift = 20;
  // To either side that two consecutive codes are looked for: a day of 30-second steps.
  int resync_steps = 2880;
};

// Each step of the window is computed, whichever matches. On a match the new progress has counter =
// step + 1 and detail = the drift that this code shows. progress.counter: steps below it are used
// (T01).
[[nodiscard]] Check check(const OathParameters& parameters, const Secret& secret,
                          const Progress& progress, const Window& window, std::string_view code,
                          Time now);

// For a token whose clock is off: two codes of consecutive steps, both unused, anywhere within
// resync_steps. On a match the new progress is as after the second one.
[[nodiscard]] Check resync(const OathParameters& parameters, const Secret& secret,
                           const Progress& progress, const Window& window, std::string_view first,
                           std::string_view second, Time now);

[[nodiscard]] std::int64_t step_at(const OathParameters& parameters, Time now);

}  // namespace countersign::totp
