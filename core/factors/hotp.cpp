// SPDX-License-Identifier: Apache-2.0
#include "core/factors/hotp.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

namespace countersign::hotp {
namespace {

constexpr std::array<std::uint32_t, 9> power_of_ten = {
    1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};

}  // namespace

std::uint32_t value_at(crypto::Hmac& mac, int digits, std::int64_t counter) {
  std::array<Byte, 8> message{};
  for (std::size_t i = 0; i < message.size(); ++i)
    message[i] = static_cast<Byte>(static_cast<std::uint64_t>(counter) >> (56 - 8 * i));
  const crypto::Hmac::Tag tag = mac.of(message);
  const std::size_t offset = tag.bytes[tag.size - 1] & 0x0FU;
  const std::uint32_t truncated = (tag.bytes[offset] & 0x7FU) << 24U |
                                  static_cast<std::uint32_t>(tag.bytes[offset + 1]) << 16U |
                                  static_cast<std::uint32_t>(tag.bytes[offset + 2]) << 8U |
                                  tag.bytes[offset + 3];
  return truncated % power_of_ten[static_cast<std::size_t>(digits)];
}

bool parse_code(std::string_view code, int digits, std::uint32_t& value) {
  if (code.size() != static_cast<std::size_t>(digits) ||
      !std::ranges::all_of(code, [](char c) { return c >= '0' && c <= '9'; }))
    return false;
  value = 0;
  for (const char c : code) value = value * 10 + static_cast<std::uint32_t>(c - '0');
  return true;
}

std::string code_at(const OathParameters& parameters, const Secret& secret, std::int64_t counter) {
  crypto::Hmac mac(parameters.algorithm, secret.expose());
  return fmt::format("{:0{}}", value_at(mac, parameters.digits, counter), parameters.digits);
}

Check check(const OathParameters& parameters, const Secret& secret, const Progress& progress,
            const Window& window, std::string_view code) {
  std::uint32_t wanted = 0;
  if (!parse_code(code, parameters.digits, wanted)) return {};
  crypto::Hmac mac(parameters.algorithm, secret.expose());
  std::optional<std::int64_t> found;
  for (std::int64_t counter = progress.counter; counter <= progress.counter + window.look_ahead;
       ++counter)
    if (value_at(mac, parameters.digits, counter) == wanted && !found) found = counter;
  if (found) return {Match::yes, {.counter = *found + 1, .detail = 0}};
  // Said apart from a wrong one so that a double click is no guess: the code accepted last, typed
  // again.
  const bool again =
      progress.counter > 0 && value_at(mac, parameters.digits, progress.counter - 1) == wanted;
  return {again ? Match::used : Match::no, {}};
}

Check resync(const OathParameters& parameters, const Secret& secret, const Progress& progress,
             const Window& window, std::string_view first, std::string_view second) {
  std::uint32_t one = 0;
  std::uint32_t two = 0;
  if (!parse_code(first, parameters.digits, one) || !parse_code(second, parameters.digits, two))
    return {};
  crypto::Hmac mac(parameters.algorithm, secret.expose());
  bool previous = false;
  for (std::int64_t counter = progress.counter; counter <= progress.counter + window.resync_ahead;
       ++counter) {
    const std::uint32_t value = value_at(mac, parameters.digits, counter);
    if (previous && value == two) return {Match::yes, {.counter = counter + 1, .detail = 0}};
    previous = value == one;
  }
  return {};
}

}  // namespace countersign::hotp
