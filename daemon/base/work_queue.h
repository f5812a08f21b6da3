// SPDX-License-Identifier: Apache-2.0
// Threads for jobs that wait for others: servers, gateways. So many wait for their turn, and no
// more.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace countersign {

// Any thread may call it. Jobs are begun in their order.
template <class Job>
class WorkQueue {
 public:
  WorkQueue(std::size_t threads, std::size_t most_waiting, std::function<void(Job&)> work)
      : work_(std::move(work)), most_waiting_(most_waiting) {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
  }
  ~WorkQueue() { (void)end(); }
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  // False: too many wait, or it has ended; the job stays as it was.
  [[nodiscard]] bool push(Job&& job) {
    const std::lock_guard lock(mutex_);
    if (ending_ || waiting_.size() >= most_waiting_) return false;
    waiting_.push_back(std::move(job));
    wake_.notify_one();
    return true;
  }

  // Waits for what is under way; the answer is what was not begun.
  std::deque<Job> end() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    return std::exchange(waiting_, {});
  }

 private:
  void run() {
    for (;;) {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
      if (ending_) return;
      Job job = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      work_(job);
    }
  }

  const std::function<void(Job&)> work_;
  const std::size_t most_waiting_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> waiting_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace countersign
