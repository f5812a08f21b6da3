// SPDX-License-Identifier: Apache-2.0
// What the key remembers without power.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/base/result.h"
#include "devices/virtual/shared/locked_file.h"
#include "devices/virtual/yubikey/wire.h"

namespace countersign::virtual_yubikey {

// One slot's configuration: the fields of the 52 octets, as they come in a write.
struct Configuration {
  std::array<Byte, 16> fixed{};
  std::array<Byte, 6> uid{};
  std::array<Byte, 16> key{};
  std::array<Byte, 6> access_code{};
  Byte fixed_size = 0;
  Byte extended = 0, ticket = 0, config = 0;

  // Nothing when the CRC does not hold.
  [[nodiscard]] static std::optional<Configuration> parse(BytesView octets);
  [[nodiscard]] std::array<Byte, configuration_size> octets() const;

  [[nodiscard]] bool challenge() const {
    return (ticket & ticket::oath_or_challenge) != 0 && (config & config::challenge_yubico) != 0;
  }
  [[nodiscard]] bool hotp() const {
    return (ticket & ticket::oath_or_challenge) != 0 && (config & config::challenge_yubico) == 0;
  }
  [[nodiscard]] bool dormant() const { return (extended & extended::dormant) != 0; }
};

struct Slot {
  Configuration configuration;
  std::uint16_t uses = 0;           // power-ups in which it was used, of 15 bits
  std::uint64_t moving_factor = 0;  // of OATH-HOTP
};

struct State {
  std::uint32_t serial = 0;
  std::array<Byte, 3> firmware{5, 4, 3};
  Byte sequence = 0;  // of programming; 0: no slot is programmed
  std::array<std::optional<Slot>, 2> slots;
  Bytes ndef;
};

// YubiKeys' own serial numbers are far below. Not above 2^31: Debian's tools print them as signed
// numbers.
constexpr std::uint32_t first_serial = 2'000'000'000U, serials = 100'000'000U;

// As it comes from the factory: a random serial number of the virtual range, slots empty.
[[nodiscard]] State new_state();
// A new state when there is no file yet, or no path. corrupt: the file holds none.
[[nodiscard]] Result<State> load(const virtual_token::LockedFile& file);
[[nodiscard]] Result<void> save(const virtual_token::LockedFile& file, const State& state);

}  // namespace countersign::virtual_yubikey
