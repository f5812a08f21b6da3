// SPDX-License-Identifier: Apache-2.0
// A caller's process. Its number alone says too little: once it has ended, another process may have
// the same one.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "core/base/descriptor.h"

namespace countersign::http {

class Process {
 public:
  // The one that connected this Unix socket. From Linux 6.5 on the kernel hands it out itself;
  // before, the number is looked up when the connection is accepted, so only a process that died,
  // and whose number came round, in the moment before that could be mistaken.
  [[nodiscard]] static std::shared_ptr<const Process> of_peer(int socket, std::uint32_t pid);
  // The one that has this number now.
  [[nodiscard]] static std::shared_ptr<const Process> of_pid(std::uint32_t pid);

  [[nodiscard]] std::uint32_t pid() const { return pid_; }
  // Whether the number still means this process. Ask after what was read by the number, not before.
  [[nodiscard]] bool running() const;

 private:
  Process(std::uint32_t pid, Descriptor handle) : pid_(pid), handle_(std::move(handle)) {}

  std::uint32_t pid_;
  Descriptor handle_;  // a pidfd; none: the process is gone, or is in a namespace that we don't see
};

}  // namespace countersign::http
