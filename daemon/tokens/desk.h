// SPDX-License-Identifier: Apache-2.0
// The daemon's end of all tokens: what is there, and one person at a time who uses them.
#pragma once

#include <deque>
#include <memory>

#include "daemon/tokens/operation.h"

namespace countersign::tokens {

// Loop thread only.
class Desk {
 public:
  Desk(http::Loop& loop, Random& random, Reader::Where reader) : loop_(loop), reader_(std::move(reader)), directory_(loop, reader_), interactions_(random) {}

  // Begins when those before it have ended; meanwhile the person is told to wait. The handle cancels (cancel()) and need not
  // be kept. finish runs once, never before this returns.
  class Ticket {
   public:
    virtual ~Ticket() = default;
    virtual void cancel() = 0;
  };
  std::shared_ptr<Ticket> use(Plan plan, Operation::Person person, std::chrono::milliseconds budget, Finish finish);

  [[nodiscard]] Directory& directory() { return directory_; }
  [[nodiscard]] Interactions& interactions() { return interactions_; }

 private:
  struct Place;
  void next();

  http::Loop& loop_;
  Reader reader_;
  Directory directory_;
  Interactions interactions_;
  std::deque<std::shared_ptr<Place>> line_;  // the first is being served
};

}  // namespace countersign::tokens
