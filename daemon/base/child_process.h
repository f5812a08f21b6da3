// SPDX-License-Identifier: Apache-2.0
// Starts programs of this host, without a shell, and waits for them. The reader's children are
// another matter (devices/reader/supervisor.h): they are forked, and sandboxed before they begin.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/descriptor.h"
#include "core/base/result.h"

namespace countersign {

// One that runs. Whoever has this waits for it or lets it go; a destroyed one is ended (SIGTERM)
// and waited for. One thread.
class ChildProcess {
 public:
  ChildProcess() = default;
  explicit ChildProcess(pid_t pid) : pid_(pid) {}
  ChildProcess(ChildProcess&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  ChildProcess& operator=(ChildProcess&& other) noexcept {
    std::swap(pid_, other.pid_);
    return *this;
  }
  ~ChildProcess();

  [[nodiscard]] pid_t pid() const { return pid_; }  // -1: none
  void signal(int number) const;
  // Its exit status; 128 and the signal's number where one ended it, as shells say it.
  int wait();
  // The same; once that time is over it is killed.
  int wait_until(std::chrono::steady_clock::time_point limit);
  void let_go() { pid_ = -1; }

 private:
  pid_t pid_ = -1;
};

// What a program is started with. Descriptors that are not named here stay ours: all are opened
// with O_CLOEXEC.
class Program {
 public:
  // The first word is a path.
  explicit Program(std::vector<std::string> words) : words_(std::move(words)) {}

  Program& no_input();                            // standard input is empty
  Program& no_output();                           // standard output is thrown away
  Program& no_errors();                           // standard error is thrown away
  Program& log_to(const std::string& path);       // both, appended; made with mode 0600
  Program& give(const Descriptor& from, int as);  // the child has it under that number
  Program& own_session();                         // outlives the terminal

  // unavailable: it can't be run, and why.
  [[nodiscard]] Result<ChildProcess> start() const;

 private:
  struct Opened {
    int as;
    std::string path;
    int flags;
  };
  std::vector<std::string> words_;
  std::vector<Opened> opened_;
  std::vector<std::pair<int, int>> given_;
  bool errors_to_output_ = false, own_session_ = false;
};

// What a program printed, and its exit status.
struct Printed {
  int status = 0;
  std::string text;
};
// Runs it to its end. patience: how long it may take, then it is killed; none: as long as it takes.
// most: of what it prints, which is read no further.
[[nodiscard]] Result<Printed> output_of(Program program,
                                        std::optional<std::chrono::milliseconds> patience = {},
                                        std::size_t most = std::size_t{1} << 24U);

struct Pipe {
  Descriptor read, write;
};
[[nodiscard]] Result<Pipe> make_pipe();

}  // namespace countersign
