// SPDX-License-Identifier: Apache-2.0
// The time before any administrator can verify: changes need no fresh verification then. It ends
// for good when an administrator first holds an authenticator that serves, or when somebody ends it
// by verifying (T53).
#pragma once

#include "core/engine/context.h"

namespace countersign::engine {

// Whether it is over. The first time that it turns out to be, that is recorded, so that it stays
// over whoever is demoted, reset or revoked later: each of those changes asks here first. Reads one
// setting; while bootstrap lasts, the administrators, too.
[[nodiscard]] Result<bool> bootstrap_over(Context& context);

// Ends it. The caller has verified freshly: basis.
void close_bootstrap(Context& context, Caller caller, Basis basis, Then<std::monostate> then);

// Whether whoever verified for this basis could still do so for somebody with this role: they are
// there and not suspended, and for a user with a role they are not merely of the helpdesk. True of
// every other basis.
[[nodiscard]] Result<bool> still_vouched(Context& context, const Basis& basis, Role concerned);

// What an authenticator's binding rested on; of one that was imported, what its import did.
[[nodiscard]] Result<Basis> basis_of(Context& context, const Authenticator& authenticator);

}  // namespace countersign::engine
