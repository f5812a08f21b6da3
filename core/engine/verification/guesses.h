// SPDX-License-Identifier: Apache-2.0
// Private to this folder: the throttle around typed codes (T07, T08). All codes of a user share it;
// names that nobody has share a fixed number of others.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/time.h"
#include "core/caller.h"
#include "core/engine/context.h"
#include "core/verdict.h"

namespace countersign::engine {

class Guesses {
 public:
  // record: of that name; null: there is none. An error of the store denies.
  [[nodiscard]] static Result<Guesses> of(Context& context, const std::string& name,
                                          const UserRecord* record);

  // When the next try is let through, if that is after now; this one is counted as suppressed then.
  [[nodiscard]] std::optional<Time> closed_until(Time now);

  // Whether this denial counts: a guess does; a code that was right once, or that nothing could
  // have accepted, does not.
  [[nodiscard]] static bool counts(Reason reason);
  // Adds to the change what an accept, or a denial that counts, does to the throttle.
  void add_accept(Change& change, const Caller& caller);
  // True: it closed the throttle.
  [[nodiscard]] bool add_failure(Change& change, const Caller& caller, Time now);

  // Denials that were suppressed since the last event about this user: the next one tells.
  [[nodiscard]] std::int64_t suppressed() const { return suppressed_; }
  // That event was committed.
  void told();

 private:
  Guesses(Context& context, Throttle throttle);

  Context* context_;
  Throttle throttle_;
  std::int64_t suppressed_ = 0;
};

}  // namespace countersign::engine
