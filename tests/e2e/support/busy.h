// SPDX-License-Identifier: Apache-2.0
// Somebody who does the same thing again and again, to see what it costs others.
#pragma once

#include <sched.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <exception>

#include "tests/e2e/support/story.h"

namespace countersign::test {

// usual: takes its share of the processors; idle: only what nobody else wants (SCHED_IDLE).
enum class Pace { usual, idle };

// A child that does it as this uid, refused or not, until it is ended.
class Busy {
 public:
  Busy(uid_t uid, const auto& act, Pace pace = Pace::usual) : child_(fork()) {
    if (child_ != 0) return;
    const sched_param lowest{};
    if (pace == Pace::idle && sched_setscheduler(0, SCHED_IDLE, &lowest) != 0) _exit(1);
    if (become(uid) != 0) _exit(1);
    for (;;) {
      try {
        act();
      } catch (const std::exception&) {
        usleep(1000);  // refused
      }
    }
  }
  ~Busy() {
    (void)kill(child_, SIGKILL);
    (void)waitpid(child_, nullptr, 0);
  }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  pid_t child_;
};

}  // namespace countersign::test
