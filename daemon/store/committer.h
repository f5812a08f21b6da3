// SPDX-License-Identifier: Apache-2.0
// The one thread that writes: takes what is queued, commits it as one transaction, answers.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <variant>

#include "core/ports/store.h"
#include "daemon/store/applier.h"
#include "daemon/store/checkpointer.h"
#include "daemon/store/sweep.h"

namespace countersign {

// Runs a closure on the thread where answers belong, in the order given.
using Deliver = std::function<void(std::move_only_function<void()>)>;

class Committer {
 public:
  // All outlive it. committed: after each durable transaction with events, before its answers; on
  // the writer thread.
  struct Parts {
    sql::Connection& connection;
    Applier& applier;
    Sweep& sweep;
    Spent& spent;
    Checkpointer& checkpointer;
    std::function<void(const ChainEnd&)> committed;
    Deliver deliver;
  };
  explicit Committer(Parts parts);
  // Finishes what is queued.
  ~Committer();

  void commit(Change change, Store::Done done);
  // Runs the task on the writer thread, in order with the changes, and waits for it. Never call it
  // on that thread.
  [[nodiscard]] Result<void> run(std::function<Result<void>()> task);

 private:
  struct Queued {
    Change change;
    std::vector<std::string> lines;  // of its events
    Store::Done done;
  };
  struct Task {
    std::function<Result<void>()> task;
    std::move_only_function<void(Result<void>)> done;
  };
  using Item = std::variant<Queued, Task>;

  void push(Item item);
  void loop();
  void work(std::vector<Item>& items);
  void commit_batch(std::span<Item> batch);
  [[nodiscard]] Result<void> transact(std::span<Item> batch, std::vector<Result<Applied>>& answers);
  void sweep_some();
  // Everything that writes goes through here: tells the checkpointer what it did to the log.
  void watched(auto&& write);

  Parts parts_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Item> queue_;
  bool stop_ = false;
  bool sweeping_ = true;  // of the writer thread
  int log_frames_ = 0;    // as of the last commit to the log; of the writer thread
  std::thread thread_;
};

}  // namespace countersign
