// SPDX-License-Identifier: Apache-2.0
// The daemon's end of all tokens: what is there, and one person at a time who uses them.
#pragma once

#include <chrono>
#include <memory>

#include "daemon/tokens/line.h"
#include "daemon/tokens/operation.h"

namespace countersign::tokens {

// Loop thread only.
class Desk {
 public:
  // turn: of who speaks for themselves, once somebody else waits.
  Desk(http::Loop& loop, Random& random, Reader::Where reader, std::chrono::seconds turn)
      : loop_(loop),
        reader_(std::move(reader)),
        directory_(loop, reader_),
        interactions_(random),
        turn_(turn) {}

  // Begins when it has its turn (line.h); meanwhile the person is told to wait. Who speaks for
  // themselves yields after that turn to whoever else waits. The handle cancels (cancel()) and
  // need not be kept. finish runs once, never before this returns.
  class Ticket {
   public:
    virtual ~Ticket() = default;
    virtual void cancel() = 0;
  };
  std::shared_ptr<Ticket> use(Plan plan, Operation::Person person, std::chrono::milliseconds budget,
                              Finish finish);

  [[nodiscard]] Directory& directory() { return directory_; }
  [[nodiscard]] Interactions& interactions() { return interactions_; }

 private:
  struct Place;
  void next();
  void yield(const Place* place);

  http::Loop& loop_;
  Reader reader_;
  Directory directory_;
  Interactions interactions_;
  Line<Place> line_;
  const std::chrono::seconds turn_;
};

}  // namespace countersign::tokens
