// SPDX-License-Identifier: Apache-2.0
// The loop's thread, shared fairly by those who speak for themselves: one step for each of them in
// turn, however many connections one of them has (T54).
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <string>

#include "daemon/http/loop.h"

namespace countersign::http {

// All calls on the loop's thread.
class Turns {
 public:
  using Step = Loop::Task;

  explicit Turns(Loop& loop) : loop_(loop) {}
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  // Soon, after whatever else the loop has to do. Steps of one source run in their order.
  void take(const std::string& source, Step step);

 private:
  void run_next();

  Loop& loop_;
  std::map<std::string, std::deque<Step>> waiting_;
  std::list<std::string> order_;  // of those who wait
  bool under_way_ = false;
};

}  // namespace countersign::http
