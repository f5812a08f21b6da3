// SPDX-License-Identifier: Apache-2.0
// The one way in which an operation of ours fails. Exceptions stop at library edges.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "core/base/try.h"  // IWYU pragma: export

namespace countersign {

// What kind of failure it was; doors map it to HTTP statuses, the CLI to exit codes.
enum class Code {
  invalid,        // the input breaks a rule that the message names
  not_found,      // no such thing
  exists,         // already there
  not_permitted,  // the caller may not
  fresh_needed,   // the caller may, after a fresh verification (for Error::change, where it names
                  // one)
  conflict,       // somebody else changed it first
  exhausted,      // a cap or quota is reached
  unavailable,    // disk, database or peer can't do it now; trying again later may help
  corrupt,        // stored or received data fails its integrity check
  timed_out,      // the deadline passed
  cancelled,      // the person or the caller gave up
  internal,       // a bug, or a library that broke its contract
};

struct Error {
  Code code = Code::internal;
  std::string what;  // for the person reading it: what happened and what to do; no trailing newline
  std::string change =
      {};  // of fresh_needed: the change to verify for (core/rights.h, change_text)

  bool operator==(const Error&) const = default;
};

template <class T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(Code code, std::string what) {
  return std::unexpected(Error{code, std::move(what)});
}

}  // namespace countersign
