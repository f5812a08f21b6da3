// SPDX-License-Identifier: Apache-2.0
// On what an authenticator is bound, from the request that began it to the commit that binds it.
#pragma once

#include <string>

#include "core/engine/context.h"
#include "core/verdict.h"

namespace countersign::engine {

struct Grounds {
  Basis basis;
  // The authenticator that its owner just verified with. None: an administrator's word, or the decision `enroll`.
  AuthenticatorId by;
  // A permit (permits.h) of which this is one row. Empty: none.
  std::string permit = {};

  bool operator==(const Grounds&) const = default;
};

// One line, for what waits between two steps.
[[nodiscard]] std::string encode(const Grounds& grounds);
[[nodiscard]] Result<Grounds> decode_grounds(std::string_view text);

// Of what a user binds after this verdict on them. What an authenticator that does not serve vouches for does not serve either;
// a temporary code passes on the basis that it was made on (DESIGN, "Re-admission").
[[nodiscard]] Result<Grounds> grounds_after(Context& context, const std::string& user, const Verdict& verdict);
[[nodiscard]] Result<Grounds> grounds_after(Context& context, const UserRecord& record, AuthenticatorId verified_with);

// How every binding ends, within its change: the row gets its basis, the event says so, a permit loses this row, and a temporary
// code that it came by ends. not_permitted: what its owner verified with has ended since.
[[nodiscard]] Result<void> bind(Context& context, Change& change, const Caller& caller, const UserRecord& record, Authenticator authenticator,
                                const Grounds& grounds, audit::Event event);

}  // namespace countersign::engine
