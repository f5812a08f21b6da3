// SPDX-License-Identifier: Apache-2.0
#include "tests/devices/support/child_process.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>
#include <utility>

ChildProcess::ChildProcess(const std::vector<std::string>& command,
                           const std::function<void()>& before_exec)
    : pid_(fork()) {
  if (pid_ < 0) throw std::runtime_error("fork");
  if (pid_ > 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (before_exec) before_exec();
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  execv(words.front(), words.data());
  _exit(127);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  return *this;
}

ChildProcess::~ChildProcess() {
  if (pid_ < 0) return;
  signal(SIGTERM);
  if (wait(std::chrono::seconds(3)) != -1) return;
  signal(SIGKILL);
  (void)wait(std::chrono::seconds(3));
}

void ChildProcess::signal(int number) const {
  if (pid_ > 0) kill(pid_, number);
}

int ChildProcess::wait(std::chrono::milliseconds longest) {
  const auto until = std::chrono::steady_clock::now() + longest;
  for (int status = 0; pid_ > 0;) {
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      return status;
    }
    if (std::chrono::steady_clock::now() >= until) break;
    usleep(2000);
  }
  return -1;
}

int run_program(const std::vector<std::string>& command) {
  ChildProcess child(command);
  const int status = child.wait(std::chrono::seconds(10));
  return status != -1 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
