// SPDX-License-Identifier: Apache-2.0
// On what an authenticator is bound, from the request that began it to the commit that binds it.
#pragma once

#include <string>
#include <tuple>

#include "core/engine/context.h"
#include "core/verdict.h"

namespace countersign::engine {

struct Grounds {
  Basis basis;
  // The authenticator that its owner just verified with. None: an administrator's word, or the
  // decision `enroll`.
  AuthenticatorId by;
  // A permit (permits.h) of which this is one row. Empty: none.
  std::string permit = {};
  // Under the decision `enroll`: only while the user has had no factor.
  bool first = false;

  bool operator==(const Grounds&) const = default;

  static auto fields(auto& g) { return std::tie(g.basis, g.by, g.permit, g.first); }
};

// Of what a user binds after this verdict on them. What an authenticator that does not serve
// vouches for does not serve either; a temporary code passes on the basis that it was made on
// (DESIGN, "Re-admission").
[[nodiscard]] Result<Grounds> grounds_after(Context& context, const std::string& user,
                                            const Verdict& verdict);
[[nodiscard]] Result<Grounds> grounds_after(Context& context, const UserRecord& record,
                                            AuthenticatorId verified_with);

// How every binding ends, within its change: the row gets its basis, the event says so, a permit
// loses this row, and a temporary code that it came by ends. What was begun earlier is looked at
// again. not_permitted: what its owner verified with has ended, the owner was suspended or reset,
// or has got a first factor another way. It does not serve where bootstrap is over, or where
// whoever vouched for it could not do so any more.
[[nodiscard]] Result<void> bind(Context& context, Change& change, const Caller& caller,
                                const UserRecord& record, Authenticator authenticator,
                                const Grounds& grounds, audit::Event event);

}  // namespace countersign::engine
