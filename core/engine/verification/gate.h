// SPDX-License-Identifier: Apache-2.0
// May this authenticator answer now? Every way of verifying asks here before it looks at a proof,
// and so does whatever offers an authenticator to somebody.
#pragma once

#include <optional>

#include "core/engine/context.h"
#include "core/verdict.h"

namespace countersign::engine {

// Why it may not: the user is suspended, the authenticator suspended or revoked, its method off
// (D1, B4), its enrolment forgotten (C3), a temporary code ended, or one-time factors wait for an
// administrator (T05, T06). Nothing: it may. The throttle is the user's, and looked at before
// (throttle.h).
[[nodiscard]] std::optional<Verdict> barred(const Context& context, const UserRecord& record,
                                            const Authenticator& authenticator,
                                            const ClockReading& clock);
[[nodiscard]] std::optional<Verdict> barred(const Context& context, const UserRecord& record,
                                            const Authenticator& authenticator);

// Why no typed code of this user may be accepted, whichever authenticator it is of: the part of the
// above that is the same for all of them.
[[nodiscard]] std::optional<Verdict> barred_to_codes(const Context& context,
                                                     const UserRecord& record,
                                                     const ClockReading& clock);

}  // namespace countersign::engine
