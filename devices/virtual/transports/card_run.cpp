// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/transports/card_run.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <optional>

#include "devices/virtual/transports/listener.h"
#include "devices/virtual/transports/own_pcscd.h"
#include "devices/virtual/transports/process.h"

namespace countersign::virtual_card {
namespace {

using Steady = std::chrono::steady_clock;
using virtual_key::RunOptions;

constexpr std::chrono::seconds grace{2};  // from SIGTERM to SIGKILL

sigset_t handed_on() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&set, number);
  return set;
}

[[noreturn]] void become(const RunOptions& options) {
  const sigset_t set = handed_on();
  (void)::sigprocmask(SIG_UNBLOCK, &set, nullptr);
  std::vector<char*> words;
  for (const std::string& word : options.words) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  (void)::execvp(words[0], words.data());
  const bool missing = errno == ENOENT;
  std::fprintf(stderr, "countersign-virtual: %s: %s\n", words[0], std::strerror(errno));
  ::_exit(missing ? 127 : 126);
}

// A program that runs, and the signals that are its own.
class Program {
 public:
  explicit Program(const RunOptions& options)
      : ends_(Steady::now() + std::chrono::seconds(options.seconds)) {
    const sigset_t set = handed_on();
    (void)::sigprocmask(SIG_BLOCK, &set, nullptr);
    signals_ = Descriptor(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    pid_ = ::fork();
    if (pid_ == 0) become(options);
    if (pid_ > 0) exit_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  }

  Result<int> wait() {
    if (!exit_ || !signals_)
      return fail(Code::unavailable,
                  std::string("no process for the program: ") + std::strerror(errno));
    for (;;) {
      std::array<pollfd, 2> wait{pollfd{exit_.get(), POLLIN, 0}, pollfd{signals_.get(), POLLIN, 0}};
      const int ready = ::poll(wait.data(), wait.size(), virtual_key::milliseconds_until(ends_));
      if (ready < 0 && errno != EINTR)
        return fail(Code::unavailable,
                    std::string("can't wait for the program: ") + std::strerror(errno));
      if (wait[0].revents != 0) return exit_code();
      if (wait[1].revents != 0) hand_on();
      if (Steady::now() >= ends_) end();
    }
  }

 private:
  void hand_on() {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) == sizeof info)
      (void)::kill(pid_, static_cast<int>(info.ssi_signo));
  }

  void end() {
    (void)::kill(pid_, timed_out_ ? SIGKILL : SIGTERM);
    timed_out_ = true;
    ends_ = Steady::now() + grace;
  }

  int exit_code() {
    int status = 0;
    (void)::waitpid(pid_, &status, 0);
    if (timed_out_) return 124;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  Steady::time_point ends_;
  Descriptor signals_, exit_;
  pid_t pid_ = -1;
  bool timed_out_ = false;
};

}  // namespace

Result<int> run_program(const Setup& setup, const RunOptions& options) {
  const auto pcscd = TRY(OwnPcscd::start(setup));
  return Program(options).wait();
}

}  // namespace countersign::virtual_card
