// SPDX-License-Identifier: Apache-2.0
// The real daemon, started by a test on a state folder of its own, and ended with it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "core/base/result.h"
#include "daemon/client/client.h"

namespace countersign::test {

// A folder under $TMPDIR that goes with this object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// Where the build put the programs: beside this test program.
[[nodiscard]] std::string program(const std::string& name);

struct Ran {
  int exit_code = -1;  // 128 + signal when it was killed
  std::string out;
  std::string err;
};
// Runs a program to its end, with standard input from a text; killed after the limit.
[[nodiscard]] Ran run(const std::vector<std::string>& words, const std::string& input = {},
                      int seconds = 60);

class DaemonProcess {
 public:
  struct Options {
    std::string state;
    std::string socket;
    bool demo = true;
    std::vector<std::string> more;  // further arguments
  };
  // Waits until it answers; throws std::runtime_error with the daemon's output when it does not.
  explicit DaemonProcess(Options options);
  ~DaemonProcess();  // SIGKILL if it still runs
  DaemonProcess(const DaemonProcess&) = delete;
  DaemonProcess& operator=(const DaemonProcess&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] const std::string& socket() const { return options_.socket; }
  void kill_now();             // SIGKILL, and waits
  int stop(int seconds = 20);  // SIGTERM, and waits; the exit code
  void start();                // again, on the same state
  void launch();               // the same without waiting until it answers

  // One request on a connection of its own. Throws when there is no answer.
  [[nodiscard]] client::Answer call(const std::string& method, const std::string& target,
                                    const std::string& body = {}) const;
  // The CLI against this daemon.
  [[nodiscard]] Ran cli(std::vector<std::string> words, const std::string& input = {}) const;

 private:
  [[nodiscard]] std::string log_path() const { return options_.socket + ".log"; }
  Options options_;
  pid_t pid_ = -1;
};

}  // namespace countersign::test
