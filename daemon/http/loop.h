// SPDX-License-Identifier: Apache-2.0
// The daemon's threads: one for all sockets, a few workers for what blocks or hashes slowly.
#pragma once

#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>

#include "core/caller.h"

namespace boost::asio {
class io_context;
}

namespace countersign::http {

// Who waits for a worker: what the daemon does by itself and may take its time.
inline constexpr Holder background{.uid = 0xFFFFFFFEU, .share = Share::own};

class Loop {
 public:
  using Task = std::move_only_function<void()>;

  explicit Loop(std::size_t workers);
  ~Loop();  // after run() has returned; waits for the workers
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void run();            // on the calling thread, until stop()
  void stop();           // from any thread
  void post(Task task);  // to the thread in run(), from any thread
  // To a worker, in this one's turn (workers.h); from any thread.
  void work(const Holder& holder, Task task);
  // Once, on the thread in run(); not if the handle goes before. Called on that thread.
  [[nodiscard]] std::shared_ptr<void> after(std::chrono::milliseconds delay, Task task);
  // On the thread in run(), again and again, until stop(). Set up before run().
  void every(std::chrono::milliseconds interval, std::function<void()> task);
  void on_signals(std::initializer_list<int> signals, std::function<void(int)> task);

  [[nodiscard]] boost::asio::io_context& context();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace countersign::http
