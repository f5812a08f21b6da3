// SPDX-License-Identifier: Apache-2.0
// What waits for its second step, typed: sealed in the store's volatile part, and its owner's
// alone. It is gone after a restart. A type that waits has its table of fields (record.h), and
//
//   static constexpr std::string_view waits_as = "challenge";  // bound into the seal
//   static std::uint64_t owner(const Caller& caller);          // whose it is
//
// Nothing is taken out in order to be put back, as something newer could have come meanwhile:
// look(), and then replace() or take() that very one.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "core/base/time.h"
#include "core/caller.h"
#include "core/engine/context.h"
#include "core/engine/pending/record.h"

namespace countersign::engine {

// Where it waits, and at whose expense.
struct Place {
  std::string id;
  std::uint64_t owner = 0;
  Holder holder = {};
  Time expires{};
  std::size_t most_per_owner = 0;
};

// A number for "this caller, for this": the same uid asks for another service as somebody else.
[[nodiscard]] std::uint64_t owner_for(const Caller& caller, std::string_view what);

template <class T>
struct Waiting {
  T value;
  Pending row;  // as it was seen; its generation names this very one
};

// The parts without a type; the id and waits_as are bound into the seal.
[[nodiscard]] Result<void> hold_sealed(Context& context, std::string_view waits_as,
                                       const Place& place, const Secret& body, bool instead);
[[nodiscard]] Result<Pending> look_at(Context& context, const std::string& id, Time now);
[[nodiscard]] Result<Secret> unseal(Context& context, std::string_view waits_as,
                                    const Pending& row);
[[nodiscard]] Result<void> replace_sealed(Context& context, std::string_view waits_as, Pending& row,
                                          const Secret& body);

// exhausted: this owner, or whoever pays for the place, has too many. exists: something waits under
// this id; with `instead`, that is replaced.
template <class T>
[[nodiscard]] Result<void> hold(Context& context, const Place& place, const T& value,
                                bool instead = false) {
  return hold_sealed(context, T::waits_as, place, encode_record(value), instead);
}

// Whoever's it is. not_found: nothing, or it expired.
template <class T>
[[nodiscard]] Result<Waiting<T>> look(Context& context, const std::string& id) {
  Pending row = TRY(look_at(context, id, context.clock.read().now));
  const Secret body = TRY(unseal(context, T::waits_as, row));
  T value = TRY(decode_record<T>(body));
  return Waiting<T>{std::move(value), std::move(row)};
}

// Stores the value as it is by now, for as long as before. conflict: it is gone, or was replaced.
template <class T>
[[nodiscard]] Result<void> replace(Context& context, Waiting<T>& waiting) {
  return replace_sealed(context, T::waits_as, waiting.row, encode_record(waiting.value));
}

// Removes it: of several who saw it, one gets it. conflict: it is gone, or was replaced.
template <class T>
[[nodiscard]] Result<void> take(Context& context, const Waiting<T>& waiting) {
  return context.store.take_seen(waiting.row, context.clock.read().now);
}

// The caller's own, removed. not_found: none, expired, somebody else's, or somebody else took it.
// It is removed before anybody looks into it: one that can't be read is gone, too.
template <class T>
[[nodiscard]] Result<T> take(Context& context, const Caller& caller, const std::string& id) {
  const Time now = context.clock.read().now;
  const Pending row = TRY(look_at(context, id, now));
  if (row.owner != T::owner(caller) || !context.store.take_seen(row, now))
    return fail(Code::not_found, "it is not the caller's, or was taken");
  const Secret body = TRY(unseal(context, T::waits_as, row));
  return decode_record<T>(body);
}

}  // namespace countersign::engine
