// SPDX-License-Identifier: Apache-2.0
// A fresh verification of an administrator, for one change: what recognition and grace never stand in for (T41).
#pragma once

#include <optional>
#include <string>

#include "core/caller.h"
#include "core/code.h"
#include "core/engine/context.h"
#include "core/verdict.h"

namespace countersign::engine {

inline constexpr Milliseconds fresh_lives{300'000};

// A change in words of ours, the same for the same change: "policy.set staff 3q2-7w...", "user.reset alice". Its digest is bound.
struct FreshVerification {
  std::string id;
  Time expires{};
};

// After `verdict`, that this engine gave for that user just now. not_permitted when it is not verified, is not this user's, or the
// user may not change such things (role admin; helpdesk for what the helpdesk does).
[[nodiscard]] Result<FreshVerification> hold_fresh(Context& context, const Caller& caller, const std::string& user, const Verdict& verdict,
                                                   const std::string& change);

struct FreshDemand {
  Caller caller;
  std::string acting;             // the user that the caller is, by its login; empty: root, the private daemon's own uid, a group
  std::string change;
  bool helpdesk_may = false;
  std::optional<std::string> id;  // of a fresh verification
  bool root = false;              // the caller is root, or the daemon's own uid
  bool recovery = false;          // and asks for root's way out, which the record shows
};
// Removes it: it counts once, for exactly that change. The answer is on what the change rests, for its event: "fresh:NAME",
// "bootstrap" (no administrator ever had a factor) or "root-recovery". not_permitted, saying what to do, otherwise.
// May read the store: for any thread.
[[nodiscard]] Result<std::string> require_fresh(Context& context, const FreshDemand& demand);

}  // namespace countersign::engine
