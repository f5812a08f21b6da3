// SPDX-License-Identifier: Apache-2.0
// The reply of a route that streams: newline-delimited JSON, any number of events and then one end.
#pragma once

#include <functional>
#include <string>

#include "core/base/result.h"

namespace countersign::http {

// On the loop's thread. Whoever holds it owes the caller an end: let go without one, it says that
// the request was lost.
class Stream {
 public:
  virtual ~Stream() = default;
  virtual void event(std::string json) = 0;
  // The last line; with nothing before it, the reply is one line all the same.
  virtual void finish(std::string json) = 0;
  // Before the first line a problem with its own status; after it, a last line {"event":"problem",
  // ...}.
  virtual void fail(const Error& error) = 0;
  // Runs once, when the caller goes away before the end: what was begun for it is to be cancelled.
  virtual void when_gone(std::move_only_function<void()> task) = 0;
};

}  // namespace countersign::http
