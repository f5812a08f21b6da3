// SPDX-License-Identifier: Apache-2.0
// The one way in which the engine changes anything: prepare from what the store says now, commit on
// condition, and again from the start when somebody else was quicker.
#pragma once

#include <memory>
#include <utility>

#include "core/engine/context.h"

namespace countersign::engine {

template <class T>
struct Prepared {
  Change change;  // empty: nothing to record, the answer stands as it is
  T answer;
};

template <class T>
using Prepare = std::move_only_function<Result<Prepared<T>>()>;

// Rounds that racers may need: each round one of them gets through, and after ten failures a
// throttle closes.
inline constexpr int default_rounds = 24;

template <class T>
void apply(Context& context, Prepare<T> prepare, Then<T> then, int rounds = default_rounds) {
  Result<Prepared<T>> prepared = prepare();
  if (!prepared) return then(std::unexpected(std::move(prepared.error())));
  if (prepared->change.writes.empty() && prepared->change.events.empty())
    return then(std::move(prepared->answer));
  context.store.commit(
      std::move(prepared->change),
      [&context, prepare = std::move(prepare), then = std::move(then),
       answer = std::move(prepared->answer), rounds](Result<Applied> applied) mutable {
        if (!applied)
          then(std::unexpected(std::move(applied.error())));
        else if (*applied == Applied::yes)
          then(std::move(answer));
        else if (rounds > 1)
          apply(context, std::move(prepare), std::move(then), rounds - 1);
        else
          then(fail(Code::conflict, "others keep changing the same thing; try again"));
      });
}

}  // namespace countersign::engine
