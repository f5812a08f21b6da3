// SPDX-License-Identifier: Apache-2.0
// HOTP (RFC 4226): code values, the look-ahead window, resynchronisation by two consecutive codes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/authenticator.h"
#include "core/crypto/hmac.h"
#include "core/factors/check.h"

namespace countersign::hotp {

// RFC 4226 §5.3: the truncated value of one counter, as digits with leading zeros.
[[nodiscard]] std::string code_at(const OathParameters& parameters, const Secret& secret,
                                  std::int64_t counter);

// The same for a MAC that is keyed already, as a number; for windows.
[[nodiscard]] std::uint32_t value_at(crypto::Hmac& mac, int digits, std::int64_t counter);

// The digits of a code as a number; nothing unless it has exactly so many digits.
[[nodiscard]] bool parse_code(std::string_view code, int digits, std::uint32_t& value);

struct Window {
  int look_ahead = 10;      // §7.2: presses that never reached us
  int resync_ahead = 1000;  // §7.4
};

// progress.counter is the next one expected; accepted ones lie below it. Each counter of the window
// is computed.
[[nodiscard]] Check check(const OathParameters& parameters, const Secret& secret,
                          const Progress& progress, const Window& window, std::string_view code);

// §7.4: two consecutive codes anywhere in the larger window.
[[nodiscard]] Check resync(const OathParameters& parameters, const Secret& secret,
                           const Progress& progress, const Window& window, std::string_view first,
                           std::string_view second);

}  // namespace countersign::hotp
