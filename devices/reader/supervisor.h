// SPDX-License-Identifier: Apache-2.0
// The reader's main process: accepts, and starts a child for each connection. It parses nothing,
// opens no token, and survives whatever a child does.
#pragma once

#include <sys/types.h>

#include <set>
#include <string>
#include <vector>

#include "core/base/descriptor.h"
#include "core/base/result.h"

namespace countersign::reader {

struct SupervisorOptions {
  std::set<uid_t> daemon_uids;               // who may connect
  std::vector<std::string> child_arguments;  // of this same program
};

class Supervisor {
 public:
  static constexpr std::size_t most_children = 32;

  // self: this program, open. It need not be where it was when it started (upgrades).
  Supervisor(Descriptor listening, Descriptor self, SupervisorOptions options);

  // Until SIGTERM or SIGINT; then the children are told, and after two seconds killed.
  [[nodiscard]] Result<void> run();

 private:
  void accept_one();
  void start_child(Descriptor connection);
  [[noreturn]] void become_child(int connection);
  void reap();
  void stop_children();

  Descriptor listening_;
  Descriptor self_;
  SupervisorOptions options_;
  std::set<pid_t> children_;
};

}  // namespace countersign::reader
