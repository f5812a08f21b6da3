// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/workers.h"

#include <algorithm>

namespace countersign::http {

Workers::Workers(std::size_t threads)
    : most_running_of_own_(std::max<std::size_t>(threads, 2) - 1) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(false); });
  threads_.emplace_back([this] { run(true); });
}

Workers::~Workers() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Workers::work(const Holder& holder, Task task) {
  const Key key(holder.uid, holder.share);
  {
    const std::lock_guard lock(mutex_);
    Line& line = lines_[key];
    if (line.waiting.empty()) turns_.push_back(key);
    line.waiting.push_back(std::move(task));
  }
  wake_.notify_all();
}

bool Workers::may_begin(const Key& key, bool kept) const {
  if (key.second != Share::own) return true;
  return !kept && lines_.at(key).running < most_running_of_own_;
}

Workers::Turns::iterator Workers::next(bool kept) {
  return std::ranges::find_if(turns_, [&](const Key& key) { return may_begin(key, kept); });
}

void Workers::run(bool kept) {
  std::unique_lock lock(mutex_);
  for (;;) {
    auto turn = turns_.end();
    wake_.wait(lock,
               [&] { return (turn = next(kept)) != turns_.end() || (ending_ && turns_.empty()); });
    if (turn == turns_.end()) return;
    const Key key = *turn;
    Line& line = lines_[key];
    Task task = std::move(line.waiting.front());
    line.waiting.pop_front();
    ++line.running;
    if (line.waiting.empty())
      turns_.erase(turn);
    else
      turns_.splice(turns_.end(), turns_, turn);
    lock.unlock();
    task();
    task = nullptr;
    lock.lock();
    if (--line.running == 0 && line.waiting.empty()) lines_.erase(key);
    // Whoever was kept waiting by this one may begin, or all may end.
    wake_.notify_all();
  }
}

}  // namespace countersign::http
