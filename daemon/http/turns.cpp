// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/turns.h"

#include <utility>

namespace countersign::http {

void Turns::take(const std::string& source, Step step) {
  std::deque<Step>& steps = waiting_[source];
  if (steps.empty()) order_.push_back(source);
  steps.push_back(std::move(step));
  if (!std::exchange(under_way_, true)) loop_.post([this] { run_next(); });
}

// One, and then whatever else the loop has to do, what came of this one included.
void Turns::run_next() {
  const auto found = waiting_.find(order_.front());
  Step step = std::move(found->second.front());
  found->second.pop_front();
  if (found->second.empty()) {
    waiting_.erase(found);
    order_.pop_front();
  } else {
    order_.splice(order_.end(), order_, order_.begin());
  }
  step();
  under_way_ = !order_.empty();
  if (under_way_) loop_.post([this] { run_next(); });
}

}  // namespace countersign::http
