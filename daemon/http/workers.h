// SPDX-License-Identifier: Apache-2.0
// Threads for what blocks or hashes slowly, shared fairly: one holder's turn after another's (T54).
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "core/caller.h"

namespace countersign::http {

// Any thread may call it.
class Workers {
 public:
  using Task = std::move_only_function<void()>;

  // So many for everybody, of which a uid that speaks for itself never has all at once; and one
  // more that is kept for root and for who acts for others.
  explicit Workers(std::size_t threads);
  ~Workers();  // runs what waits
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Tasks of one holder begin in their order.
  void work(const Holder& holder, Task task);

 private:
  using Key = std::pair<std::uint32_t, Share>;
  struct Line {
    std::deque<Task> waiting;
    std::size_t running = 0;
  };
  using Turns = std::list<Key>;

  void run(bool kept);
  // Whose turn it is for this thread; the end: nobody's.
  [[nodiscard]] Turns::iterator next(bool kept);
  [[nodiscard]] bool may_begin(const Key& key, bool kept) const;

  const std::size_t most_running_of_own_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<Key, Line> lines_;  // of those who wait or run
  Turns turns_;                // of those who wait
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace countersign::http
