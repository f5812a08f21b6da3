// SPDX-License-Identifier: Apache-2.0
// A typed code, from any route to its verdict.
#pragma once

#include <functional>
#include <string>

#include "core/engine/grounds/grounds.h"
#include "core/engine/verification/code.h"
#include "daemon/services/services.h"

namespace countersign::routes {

// A code as it was typed. One that is too short for an authenticator's is taken where such a code
// was sent: for this caller, and within this sign-in if bound_to is not empty.
[[nodiscard]] Result<TypedCode> parse_typed_code(Services& services, const Caller& caller,
                                                 const std::string& user,
                                                 const std::string& bound_to, const Secret& typed);

// Verifies a code as it was typed; what hashes slowly does so on a worker, and then may be invoked
// there. An error: it is no code.
void verify_typed_code(Services& services, Caller caller, std::string user, const Secret& typed,
                       std::move_only_function<void(Result<Verdict>)> then);
// The same, where the code that was sent to the user for this caller answers as well.
void verify_any_code(Services& services, Caller caller, std::string user, const Secret& typed,
                     std::move_only_function<void(Result<Verdict>)> then);

// The user shows by a code of an authenticator of theirs that it is really them, before they bind
// another: what that then rests on. not_permitted: the code was not accepted.
void verify_oneself(Services& services, Caller caller, std::string user, const Secret& typed,
                    std::move_only_function<void(Result<engine::Grounds>)> then);
// The same after a verdict that came another way.
[[nodiscard]] Result<engine::Grounds> grounds_of(Services& services, const std::string& user,
                                                 const Verdict& verdict);

// The same for a code that was sent (sending.h): with the challenge it answers, and the sign-in it
// was bound to, if any.
struct SentAnswer {
  std::string challenge;
  std::string bound_to;
};
void verify_sent_code(Services& services, Caller caller, std::string user, const Secret& typed,
                      SentAnswer answer, std::move_only_function<void(Result<Verdict>)> then);

}  // namespace countersign::routes
