// SPDX-License-Identifier: Apache-2.0
// What stands at the other end of the module while it is made to fail: says yes to everything, at
// once. Whatever the module then answers but PAM_SUCCESS, it found out by itself.
#pragma once

#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>
#include <string>
#include <thread>

namespace countersign::test {

class CannedDaemon {
 public:
  explicit CannedDaemon(const std::string& socket);
  ~CannedDaemon();
  CannedDaemon(const CannedDaemon&) = delete;
  CannedDaemon& operator=(const CannedDaemon&) = delete;

  void decide(const std::string& decision, const std::string& because,
              const std::string& factors);  // of sign-ins from now on

 private:
  void accept();
  void serve(int connection);
  [[nodiscard]] std::string answer_to(const std::string& target);
  void stream(int connection);

  int listening_;
  std::mutex mutex_;
  std::condition_variable answered_;
  int pins_ = 0;
  std::string begun_;
  std::atomic<bool> ends_ = false;
  std::list<std::jthread> connections_;
  std::jthread accepting_;
};

}  // namespace countersign::test
