// SPDX-License-Identifier: Apache-2.0
// A fresh verification of an administrator, for one change: recognition, grace and temporary codes
// never count as one (T41, T53).
#pragma once

#include <optional>
#include <string>

#include "core/base/time.h"
#include "core/caller.h"
#include "core/engine/context.h"
#include "core/factors/typed_code.h"
#include "core/policy/rights.h"
#include "core/verdict.h"

namespace countersign::engine {

inline constexpr Milliseconds fresh_lives{300'000};

struct FreshVerification {
  std::string id;
  Time expires{};
};

// After `verdict`, which this engine gave for that user just now. change: core/rights.h,
// change_text; its digest is bound. not_permitted: not verified, not by an authenticator of this
// user's, or by one that does not serve.
[[nodiscard]] Result<FreshVerification> hold_fresh(Context& context, const Caller& caller,
                                                   const std::string& user, const Verdict& verdict,
                                                   const std::string& change);

struct FreshDemand {
  Caller caller;
  Actor actor;
  Deed deed = Deed::user_set;
  std::string change;             // change_text of the deed, with everything that matters of it
  std::optional<User> concerned;  // whom it is about
  std::optional<std::string> id;  // of a fresh verification
  bool recovery = false;          // root's way out, which the record shows
};
// On what the change rests, for its event and for what it binds: none where the rights table asks
// for nothing more. A fresh verification is used up. fresh_needed, with the change to verify for;
// not_permitted: this caller may not at all. Reads the store: for any thread.
[[nodiscard]] Result<Basis> rest_on(Context& context, const FreshDemand& demand);

}  // namespace countersign::engine
