// SPDX-License-Identifier: Apache-2.0
// One fresh verification for a whole list: a bench run, an import of users. Bound to the digest of
// its list, to who made it and to its kind; good for 8 hours; used up row by row, each in the
// commit of what it permits; outlives a restart.
#pragma once

#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/caller.h"
#include "core/engine/context.h"

namespace countersign::engine {

inline constexpr Milliseconds permit_lives{8 * 3'600'000};
inline constexpr std::string_view users_permit = "users";  // the kind of an import of users
inline constexpr std::size_t longest_permit = 10'000;      // rows

// What the list is in a change's text: base64url of SHA-256 over its kind and rows, in order.
[[nodiscard]] std::string list_digest(std::string_view kind, const std::vector<std::string>& rows);

struct NewPermit {
  Caller caller;
  Basis basis;       // the fresh verification that it rests on
  std::string kind;  // what each row permits: an authenticator's kind, or "users"
  std::vector<std::string>
      rows;  // names of users; of an import of users the digests of its batches
};
struct Permit {
  std::string id;
  Time expires{};
};
void make_permit(Context& context, NewPermit wanted, Then<Permit> then);

// Adds to the change that this row of the permit is used; the answer is what the permit rests on.
// fresh_needed: no such permit, another caller's or kind's, run out, or the row is not (or no
// longer) on its list.
struct PermitUse {
  std::string id;
  std::string kind;
  std::string row;
};
[[nodiscard]] Result<Basis> spend_permit(Context& context, Change& change, const Caller& caller,
                                         const PermitUse& use);

}  // namespace countersign::engine
