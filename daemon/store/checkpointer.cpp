// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/checkpointer.h"

namespace countersign {

Checkpointer::Checkpointer(sql::Connection connection, std::function<void()> also)
    : connection_(std::move(connection)), also_(std::move(also)), thread_([this] { run(); }) {}

Checkpointer::~Checkpointer() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

bool Checkpointer::log_is(int frames) {
  if (frames < frames_.load(std::memory_order_relaxed)) next_ = step;  // it started anew
  frames_.store(frames, std::memory_order_relaxed);
  if (frames >= next_) {
    next_ = frames + step;
    {
      const std::lock_guard lock(mutex_);
      wanted_ = true;
    }
    wake_.notify_one();
  }
  if (frames >= 2 * longest) {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return !running_; });
    wanted_ = false;
    return true;
  }
  return finish_.exchange(false, std::memory_order_relaxed);
}

void Checkpointer::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return wanted_ || stop_; });
    if (stop_) return;
    wanted_ = false;
    running_ = true;
    lock.unlock();
    // A failure keeps the log; the next pass tries again, and commits go on while there is room.
    const auto all = connection_.checkpoint();
    also_();
    if (all && !*all && frames_.load(std::memory_order_relaxed) >= longest) finish_.store(true, std::memory_order_relaxed);
    lock.lock();
    running_ = false;
    idle_.notify_all();
  }
}

}  // namespace countersign
