// SPDX-License-Identifier: Apache-2.0
// What the record says of those who were denied: one by one, or in numbers (unlisted.h).
#pragma once

#include "core/audit.h"
#include "core/caller.h"
#include "core/engine/context.h"

namespace countersign::engine {

// Puts it into the change, or counts it. named: event.user is a user, and not just what somebody
// has said. Every denial of a user by who acts for others is listed.
void add_denial(Context& context, const Caller& caller, bool named, audit::Event event,
                Change& change);

// Records that change before the denial is told, where there is something to record. told: whether
// it was.
void record_denial(Context& context, Change change, std::move_only_function<void(bool told)> then);

// Writes down what was counted, one event for each caller and user; all: also in this minute, at
// the end of the daemon.
void tell_unlisted(Context& context, bool all);

}  // namespace countersign::engine
