// SPDX-License-Identifier: Apache-2.0
// A demo daemon, and software keys that a test plugs in and pulls out.
#pragma once

#include <spawn.h>
#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/e2e/support/story.h"

namespace countersign::test {

// A child of the test, ended with it. channel: a descriptor that is its standard input and output.
class Running {
 public:
  explicit Running(const std::vector<std::string>& words,
                   const std::string& output = "/dev/null");  // a file: what it prints
  Running(const std::vector<std::string>& words, int channel);
  ~Running();  // SIGTERM, and SIGKILL after two seconds
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] int wait(int seconds);  // its exit code, 128 + signal; killed after the limit

 private:
  void start(const std::vector<std::string>& words, posix_spawn_file_actions_t& actions);
  pid_t pid_ = -1;
};

// One software key (countersign-virtual serve). Plugged in from the constructor's return to the
// destructor.
class SoftKey {
 public:
  SoftKey(const std::string& folder, std::string name, std::vector<std::string> options);
  std::string control(const std::vector<std::string>& words)
      const;  // "touch", "fault unplug=3", "power-cycle"; what "type 1" types
  [[nodiscard]] std::string root() const;  // PEM of its attestation's root

 private:
  std::string base_;
  Running program_;
};

class KeyHouse : public House {
 public:
  explicit KeyHouse(const std::string& config = {}, const std::string& keys = {});
  [[nodiscard]] SoftKey plug(const std::string& name,
                             const std::vector<std::string>& options) const {
    return SoftKey(keys(), name, options);
  }
  [[nodiscard]] const std::string& keys() const { return keys_; }
  // A file that holds this PIN.
  [[nodiscard]] std::string pin(const std::string& digits) const;

  // CLI commands with --json; the object they end with, and their exit code.
  struct Done {
    int exit_code = 0;
    Json object;
    std::vector<Json> events;
  };
  [[nodiscard]] Done tap(std::vector<std::string> words) const;
  [[nodiscard]] std::string enroll(
      const std::string& user, std::vector<std::string> more = {}) const;  // the authenticator's id
  [[nodiscard]] std::string verdict(const std::string& user, std::vector<std::string> more = {})
      const;  // "verified", or the reason

 private:
  std::string keys_;
};

[[nodiscard]] bool told(const KeyHouse::Done& done, std::string_view event);

}  // namespace countersign::test
