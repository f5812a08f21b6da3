// SPDX-License-Identifier: Apache-2.0
// A million hosts as a store has them.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/time.h"
#include "core/policy/recognition.h"

namespace countersign::bench {

inline constexpr std::int64_t machines = 1'000'000;
inline constexpr std::int64_t machine_users = 10'000;

[[nodiscard]] Bytes machine_handle(std::int64_t i);
// Whose verification made it recognized.
[[nodiscard]] std::int64_t user_of_machine(std::int64_t i);
[[nodiscard]] Machine machine(std::int64_t i, Time created);
// Under which it is recognized.
[[nodiscard]] Policy machine_policy();

// Users and machines into a fresh store of this folder.
void fill_machines(const std::string& folder);
// Octets of the index on handles, a machine.
[[nodiscard]] double index_octets(const std::string& folder);

}  // namespace countersign::bench
