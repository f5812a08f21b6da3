// SPDX-License-Identifier: Apache-2.0
#include "core/factors/totp.h"

#include <algorithm>
#include <optional>

#include "core/factors/hotp.h"

namespace countersign::totp {

std::int64_t step_at(const OathParameters& parameters, Time now) { return (unix_seconds(now) - parameters.epoch) / parameters.period; }

Check check(const OathParameters& parameters, const Secret& secret, const Progress& progress, const Window& window,
            std::string_view code, Time now) {
  std::uint32_t wanted = 0;
  if (!hotp::parse_code(code, parameters.digits, wanted)) return {};
  const std::int64_t current = step_at(parameters, now);
  const std::int64_t expected = current + progress.detail;
  crypto::Hmac mac(parameters.algorithm, secret.expose());
  bool used = false;
  std::optional<std::int64_t> found;
  for (std::int64_t step = std::max<std::int64_t>(0, expected - window.back); step <= expected + window.forward; ++step) {
    if (hotp::value_at(mac, parameters.digits, step) != wanted) continue;
    if (step < progress.counter) used = true;
    else if (!found) found = step;
  }
  if (!found) return {used ? Match::used : Match::no, {}};
  const std::int64_t drift = std::clamp<std::int64_t>(*found - current, -window.most_drift, window.most_drift);
  return {Match::yes, {.counter = *found + 1, .detail = drift, .last_used = {}}};
}

}  // namespace countersign::totp
