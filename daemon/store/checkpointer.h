// SPDX-License-Identifier: Apache-2.0
// Copies the write-ahead log into the database on a thread of its own, so that no commit waits for it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "daemon/store/sql.h"

namespace countersign {

class Checkpointer {
 public:
  // In frames of one page. Under constant load the log never gets a moment in which all of it is copied; beyond
  // `longest` the writer copies the small rest between two transactions, so that the log starts anew.
  static constexpr int step = 2000;
  static constexpr int longest = 6000;

  // also: done after each pass (the epoch's fsync).
  Checkpointer(sql::Connection connection, std::function<void()> also);
  ~Checkpointer();

  // By the writer thread, after each transaction: how long the log is. True: please finish the copy yourself, now.
  // Where commits come faster than the disk takes the copies, waits for the pass under way at twice `longest`.
  [[nodiscard]] bool log_is(int frames);

 private:
  void run();

  sql::Connection connection_;
  std::function<void()> also_;
  std::atomic<int> frames_ = 0;
  std::atomic<bool> finish_ = false;
  int next_ = step;  // of the writer thread
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable idle_;
  bool wanted_ = false;
  bool running_ = false;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace countersign
