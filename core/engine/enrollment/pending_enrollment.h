// SPDX-License-Identifier: Apache-2.0
// An enrolment that waits for its first code.
#pragma once

#include <string>
#include <tuple>

#include "core/authenticator.h"
#include "core/base/time.h"
#include "core/caller.h"
#include "core/engine/context.h"
#include "core/engine/grounds/grounds.h"
#include "core/engine/pending/waiting.h"

namespace countersign::engine {

struct PendingEnrollment {
  Authenticator authenticator;  // as it will be bound; generation 0, or that of a token in stock
  std::string user;             // the name, for the audit
  Secret secret;
  int tries = 0;
  Grounds grounds = {};

  static constexpr std::string_view waits_as = "enrolment";
  static std::uint64_t owner(const Caller& caller) { return owner_for(caller, ""); }
  // Of the authenticator what is not the same for all that wait.
  static auto fields(auto& p) {
    auto& a = p.authenticator;
    return std::tie(a.id, a.generation, a.user, a.kind, a.label, a.serial, a.oath.algorithm,
                    a.oath.digits, a.oath.period, a.oath.epoch, a.progress.counter,
                    a.progress.detail, a.created, a.import, a.material, a.handle, p.user, p.secret,
                    p.tries, p.grounds);
  }
};

// Under the id that its authenticator will have. exhausted: this caller has too many.
[[nodiscard]] inline Result<void> hold_enrollment(Context& context, const Caller& caller,
                                                  const PendingEnrollment& pending, Time expires) {
  return hold(context,
              {.id = to_text(pending.authenticator.id),
               .owner = PendingEnrollment::owner(caller),
               .holder = caller.holder(),
               .expires = expires,
               .most_per_owner = context.rules.pending_per_caller},
              pending);
}

}  // namespace countersign::engine
