// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"

namespace countersign::demo {

// A program started by us, told to end (SIGTERM) and waited for when this goes.
class Child {
 public:
  Child() = default;
  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  Child& operator=(Child&& other) noexcept {
    std::swap(pid_, other.pid_);
    return *this;
  }
  ~Child();

  // Its output goes into the file. own_session: it outlives the terminal.
  [[nodiscard]] static Result<Child> start(const std::vector<std::string>& words,
                                           const std::string& log, bool own_session);
  [[nodiscard]] pid_t pid() const { return pid_; }
  void release() { pid_ = -1; }

 private:
  pid_t pid_ = -1;
};

// Runs a program to its end on our terminal; its exit code.
[[nodiscard]] Result<int> run_program(const std::vector<std::string>& words);
// The same, and what it printed on standard output.
[[nodiscard]] Result<std::string> output_of(const std::vector<std::string>& words, int& exit_code);

}  // namespace countersign::demo
