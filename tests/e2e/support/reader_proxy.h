// SPDX-License-Identifier: Apache-2.0
// Between the daemon and a real reader: counts the messages of the tokens' children, and kills
// those children at a chosen one.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace countersign::test {

class ReaderProxy {
 public:
  // socket: where the daemon looks for the reader. keys: the folder of software keys.
  ReaderProxy(std::string socket, const std::string& keys);
  ~ReaderProxy();
  ReaderProxy(const ReaderProxy&) = delete;
  ReaderProxy& operator=(const ReaderProxy&) = delete;

  // Counts again; from at the nth message (from 1, both directions) the tokens' children are
  // killed, and it is lost with them. 0: never.
  void kill_at(int message);
  [[nodiscard]] int seen() const { return seen_; }
  [[nodiscard]] bool killed() const { return killed_; }
  // How many PINs and other secrets the daemon has sent since then, to whichever child.
  [[nodiscard]] int secrets() const { return secrets_; }

 private:
  void accept_all();
  void serve(int daemon_side);
  [[nodiscard]] bool hand_on();

  std::string own_socket_, reader_socket_;
  int listening_ = -1;
  pid_t reader_ = -1;
  std::thread accepting_;
  std::mutex mutex_;
  std::vector<std::thread> serving_;
  std::atomic<bool> ended_ = false;
  std::atomic<int> seen_ = 0;
  std::atomic<int> target_ = 0;
  std::atomic<int> secrets_ = 0;
  std::atomic<bool> killed_ = false;
  std::atomic<pid_t> watcher_ = -1;  // the child that looks which tokens are there: the first one
};

}  // namespace countersign::test
