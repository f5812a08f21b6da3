// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/checkpointer.h"

#include <utility>

namespace countersign {

Checkpointer::Checkpointer(sql::Connection connection, std::function<void()> also)
    : connection_(std::move(connection)), also_(std::move(also)), thread_([this] { run(); }) {}

Checkpointer::~Checkpointer() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  begin_.notify_one();
  thread_.join();
}

std::uint64_t Checkpointer::passes() {
  const std::lock_guard lock(mutex_);
  return passes_;
}

void Checkpointer::transaction_ended(std::uint64_t seen, int frames) {
  if (frames == 0) return;
  Lock lock(mutex_);
  if (frames < frames_) {  // it started over
    next_ = step;
    wanted_ = rest_ = false;
  }
  frames_ = frames;
  growing_ = seen == passes_;
  if (frames >= next_) {
    next_ = frames + step;
    wanted_ = true;
  }
  if (may_begin()) begin_.notify_one();
  if (rest_ || frames >= 2 * longest) wait_for_pass(lock);
}

void Checkpointer::wait_for_pass(Lock& lock) {
  ended_.wait(lock, [this] { return !running_; });
  forced_ = true;
  begin_.notify_one();
  ended_.wait(lock, [this] { return !forced_; });
}

void Checkpointer::run() {
  Lock lock(mutex_);
  while (true) {
    begin_.wait(lock, [this] { return may_begin() || stop_; });
    if (stop_) return;
    pass(lock);
  }
}

void Checkpointer::pass(Lock& lock) {
  wanted_ = false;
  running_ = true;
  const bool forced = forced_;
  lock.unlock();
  // A failure keeps the log; the next pass tries again, and commits go on while there is room.
  const auto all = connection_.checkpoint();
  also_();
  lock.lock();
  ++passes_;
  running_ = growing_ = false;
  rest_ = all && !*all && frames_ >= longest && !forced;
  if (forced) forced_ = false;
  ended_.notify_all();
}

}  // namespace countersign
