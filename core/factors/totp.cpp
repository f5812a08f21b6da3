// SPDX-License-Identifier: Apache-2.0
#include "core/factors/totp.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "core/factors/hotp.h"

namespace countersign::totp {

std::int64_t step_at(const OathParameters& parameters, Time now) {
  return (unix_seconds(now) - parameters.epoch) / parameters.period;
}

Check check(const OathParameters& parameters, const Secret& secret, const Progress& progress,
            const Window& window, std::string_view code, Time now) {
  std::uint32_t wanted = 0;
  if (!hotp::parse_code(code, parameters.digits, wanted)) return {};
  const std::int64_t current = step_at(parameters, now);
  const std::int64_t expected = current + progress.detail;
  crypto::Hmac mac(parameters.algorithm, secret.expose());
  bool used = false;
  std::optional<std::int64_t> found;
  for (std::int64_t step = std::max<std::int64_t>(0, expected - window.back);
       step <= expected + window.forward; ++step) {
    if (hotp::value_at(mac, parameters.digits, step) != wanted) continue;
    if (step < progress.counter)
      used = true;
    else if (!found)
      found = step;
  }
  if (!found) return {used ? Match::used : Match::no, {}};
  const std::int64_t most =
      std::abs(progress.detail) > window.most_drift ? window.resync_steps : window.most_drift;
  const std::int64_t drift = std::clamp(*found - current, -most, most);
  return {Match::yes, {.counter = *found + 1, .detail = drift}};
}

Check resync(const OathParameters& parameters, const Secret& secret, const Progress& progress,
             const Window& window, std::string_view first, std::string_view second, Time now) {
  std::uint32_t one = 0;
  std::uint32_t two = 0;
  if (!hotp::parse_code(first, parameters.digits, one) ||
      !hotp::parse_code(second, parameters.digits, two))
    return {};
  const std::int64_t current = step_at(parameters, now);
  crypto::Hmac mac(parameters.algorithm, secret.expose());
  bool previous = false;
  for (std::int64_t step = std::max(progress.counter, current - window.resync_steps);
       step <= current + window.resync_steps; ++step) {
    const std::uint32_t value = hotp::value_at(mac, parameters.digits, step);
    if (previous && value == two)
      return {Match::yes, {.counter = step + 1, .detail = step - current}};
    previous = value == one;
  }
  return {};
}

}  // namespace countersign::totp
