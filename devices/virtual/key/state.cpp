// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/key/state.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/crypto/system_random.h"

namespace countersign::virtual_key {

State new_state() {
  std::array<Byte, 8> number{};
  crypto::SystemRandom().fill(number);
  std::string serial;
  for (const Byte octet : number) serial += fmt::format("{:02x}", octet);
  Attestation attestation = make_attestation(serial);
  State state{.serial = std::move(serial), .attestation = std::move(attestation)};
  state.fingerprints.push_back({Bytes{1}, "from the factory"});
  return state;
}

void reset(State& state) {
  state.pin_hash = Secret();
  state.pin_length = 0;
  state.pin_retries = most_pin_retries;
  state.uv_retries = most_uv_retries;
  state.always_uv = false;
  state.min_pin_length = least_pin_length;
  state.force_pin_change = false;
  state.min_pin_length_rps.clear();
  state.credentials.clear();
  state.fingerprints.clear();
}

}  // namespace countersign::virtual_key
