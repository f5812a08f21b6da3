// SPDX-License-Identifier: Apache-2.0
// Binding a new authenticator: begin makes a secret and waits, confirm takes the first code and
// binds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/caller.h"
#include "core/engine/context.h"
#include "core/engine/grounds/grounds.h"
#include "core/factors/typed_code.h"

namespace countersign::engine {

struct Enroll {
  Caller caller;
  std::string user;
  Kind kind = Kind::totp;  // totp, hotp or backup_codes; yubico_otp of a key in stock
  OathParameters oath;
  std::string label;
  std::string serial;            // of a token in stock (imported, unassigned): bind that one
  std::optional<Secret> secret;  // given instead of made; at least 10 octets
  bool confirm = true;           // false: bound at once (administrators)
  int count = 10;                // backup codes in the set
  Grounds grounds = {};          // on what it is bound
};

struct Enrollment {
  std::string id;  // of the authenticator; confirm asks for it
  Status status = Status::active;
  bool pending = true;
  Kind kind = Kind::totp;
  OathParameters oath;
  std::int64_t counter = 0;
  Secret secret;                // empty for tokens in stock: nobody is shown their secret
  std::vector<Secret> codes;    // backup codes, shown this once
  std::optional<Time> expires;  // of a pending one
};

// Backup codes are slow: run it on a worker thread. A new set ends the one before it, in the same
// commit.
void begin_enrollment(Context& context, Enroll request, Then<Enrollment> then);

// Binds when the code is right; that code is used then. A wrong one leaves it pending for a few
// more tries; exhausted: that was the last one. not_found: no such pending enrolment of this
// caller, or it expired.
struct Confirm {
  Caller caller;
  bool administers =
      false;  // an administrator, who verified freshly for it: also what somebody else began
  std::string id;
  TypedCode code;
  // TOTP and HOTP: the code right after it. The two are looked for far and wide, for a token that
  // lay in stock.
  std::optional<TypedCode> next = {};
};
void confirm_enrollment(Context& context, Confirm request, Then<AuthenticatorId> then);

// Whose pending enrolment this is, where it is another caller's; nothing: this caller's own, or
// nobody's.
[[nodiscard]] std::optional<std::string> pending_of_somebody_else(Context& context,
                                                                  const Caller& caller,
                                                                  const std::string& id);

}  // namespace countersign::engine
