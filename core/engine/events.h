// SPDX-License-Identifier: Apache-2.0
// Audit events as the engine words them.
#pragma once

#include <string>

#include "core/audit.h"
#include "core/caller.h"
#include "core/engine/context.h"

namespace countersign::engine {

[[nodiscard]] inline std::string actor_of(const Caller& caller) {
  return "uid:" + std::to_string(caller.uid);
}

// An event of this caller, now; the rest is the operation's to fill in.
[[nodiscard]] inline audit::Event event_of(Context& context, const Caller& caller,
                                           std::string action) {
  audit::Event event;
  event.time = context.clock.read().now;
  event.action = std::move(action);
  event.actor = actor_of(caller);
  event.service = caller.service;
  event.outcome = "done";
  return event;
}

}  // namespace countersign::engine
