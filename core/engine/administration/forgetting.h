// SPDX-License-Identifier: Apache-2.0
// Forgotten enrolments (C3): the policy alone denies them at once (gate.h); here the rows are
// revoked too, since lists and coverage read those. Some users at a time, and noted in the store
// until the last is done, so that a restart goes on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/caller.h"
#include "core/engine/context.h"

namespace countersign::engine {

struct Forgetting {
  std::string audience;
  Time since{};  // what was made before is forgotten
  bool operator==(const Forgetting&) const = default;
};

inline constexpr const char* forgetting_setting = "forgetting";

// For the change that sets the policy: what is to be done from then on.
[[nodiscard]] Result<void> note_forgetting(Context& context, Change& change,
                                           const Forgetting& begun);
[[nodiscard]] Result<std::vector<Forgetting>> unfinished_forgetting(Context& context);

// Revokes those of the next users by name. The answer is where to go on; empty: all are done, and
// noted as done. caller: none, the daemon goes on by itself.
void forget_some(Context& context, std::optional<Caller> caller, Forgetting begun,
                 std::string after, Then<std::string> then);

}  // namespace countersign::engine
