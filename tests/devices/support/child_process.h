// SPDX-License-Identifier: Apache-2.0
// Programs that a test starts and ends.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

// A program that a test starts; it is ended with this object, and with the test's process.
class ChildProcess {
 public:
  ChildProcess() = default;
  // before_exec runs in the child, between fork and exec; may be empty.
  explicit ChildProcess(const std::vector<std::string>& command,
                        const std::function<void()>& before_exec = {});
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();

  [[nodiscard]] pid_t pid() const { return pid_; }
  void signal(int number) const;
  // The wait status; -1: it runs on.
  [[nodiscard]] int wait(std::chrono::milliseconds longest);

 private:
  pid_t pid_ = -1;
};

// Exit code of a program, at most ten seconds; -1: it did not end by itself.
[[nodiscard]] int run_program(const std::vector<std::string>& command);
