// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/authenticator.h"
#include "core/bytes.h"
#include "core/caller.h"
#include "core/engine/context.h"
#include "core/engine/grounds.h"

namespace countersign::engine {

// What waits between begin and confirm; in the store's volatile part, sealed as a whole.
struct PendingEnrollment {
  Authenticator authenticator;  // as it will be bound; generation 0, or that of a token in stock
  std::string user;             // the name, for the audit
  Secret secret;
  int tries = 0;
  Grounds grounds = {};
};

// Whose it is: the same person may begin on one service and confirm on another.
[[nodiscard]] inline std::uint64_t pending_owner(const Caller& caller) { return caller_key({.uid = caller.uid, .pid = 0, .service = {}}); }

[[nodiscard]] Bytes seal(Context& context, const std::string& id, const PendingEnrollment& pending);
[[nodiscard]] Result<PendingEnrollment> unseal(Context& context, const std::string& id, BytesView sealed);

}  // namespace countersign::engine
