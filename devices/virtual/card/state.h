// SPDX-License-Identifier: Apache-2.0
// What the card remembers without power.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/result.h"
#include "core/encoding/cbor.h"
#include "devices/virtual/card/openpgp/state.h"
#include "devices/virtual/card/piv/state.h"
#include "devices/virtual/shared/locked_file.h"

namespace countersign::virtual_card {

struct State {
  std::uint32_t serial = 0;
  piv::State piv;
  openpgp::State openpgp;
};

// As it comes from the factory, with a random serial number of the virtual cards' range.
[[nodiscard]] State new_state();

// The state as the file has it, and back. corrupt: not such a state.
[[nodiscard]] formats::cbor::Value to_cbor(const State& state);
[[nodiscard]] Result<State> state_from(const formats::cbor::Value& value);

// A new state when there is no file yet, or no path.
[[nodiscard]] Result<State> load(const virtual_token::LockedFile& file);
[[nodiscard]] Result<void> save(const virtual_token::LockedFile& file, const State& state);
// The state as it is, with no lock and nothing written. not_found: no such file.
[[nodiscard]] Result<State> read_state(const std::string& path);

}  // namespace countersign::virtual_card
