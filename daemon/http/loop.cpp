// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <list>

#include "daemon/http/workers.h"

namespace asio = boost::asio;

namespace countersign::http {
namespace {

struct Repeating {
  asio::steady_timer timer;
  std::chrono::milliseconds interval;
  std::function<void()> task;

  void arm() {
    timer.expires_after(interval);
    timer.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      task();
      arm();
    });
  }
};

struct Signals {
  Signals(asio::io_context& io, std::function<void(int)> then) : set(io), task(std::move(then)) {}
  asio::signal_set set;
  std::function<void(int)> task;

  void arm() {
    set.async_wait([this](const boost::system::error_code& error, int signal) {
      if (error) return;
      task(signal);
      arm();
    });
  }
};

}  // namespace

struct Loop::Parts {
  explicit Parts(std::size_t worker_count) : workers(worker_count) {}
  asio::io_context io{1};  // one thread runs it
  std::list<Repeating> repeating;
  std::list<Signals> signals;
  Workers workers;  // what they run may still post
};

Loop::Loop(std::size_t workers) : parts_(std::make_unique<Parts>(workers)) {}
Loop::~Loop() = default;

void Loop::run() {
  const auto guard = asio::make_work_guard(parts_->io);
  parts_->io.run();
}
void Loop::stop() { parts_->io.stop(); }
void Loop::post(Task task) { asio::post(parts_->io, std::move(task)); }
void Loop::work(const Holder& holder, Task task) { parts_->workers.work(holder, std::move(task)); }

void Loop::every(std::chrono::milliseconds interval, std::function<void()> task) {
  parts_->repeating.push_back({asio::steady_timer(parts_->io), interval, std::move(task)});
  parts_->repeating.back().arm();
}

std::shared_ptr<void> Loop::after(std::chrono::milliseconds delay, Task task) {
  struct Once {
    asio::steady_timer timer;
    Task task;
  };
  auto once = std::make_shared<Once>(asio::steady_timer(parts_->io, delay), std::move(task));
  once->timer.async_wait([weak = std::weak_ptr(once)](const boost::system::error_code& error) {
    const auto held = weak.lock();
    if (!error && held) std::exchange(held->task, nullptr)();
  });
  return once;
}

void Loop::on_signals(std::initializer_list<int> signals, std::function<void(int)> task) {
  parts_->signals.emplace_back(parts_->io, std::move(task));
  for (const int signal : signals) parts_->signals.back().set.add(signal);
  parts_->signals.back().arm();
}

asio::io_context& Loop::context() { return parts_->io; }

}  // namespace countersign::http
