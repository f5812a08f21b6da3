// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/process.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace countersign::http {
namespace {

#ifndef SO_PEERPIDFD
constexpr int SO_PEERPIDFD = 77;  // Linux 6.5, asm-generic/socket.h
#endif

Descriptor handle_of(std::uint32_t pid) {
  return Descriptor(
      pid == 0 ? -1 : static_cast<int>(syscall(SYS_pidfd_open, static_cast<pid_t>(pid), 0)));
}

}  // namespace

std::shared_ptr<const Process> Process::of_peer(int socket, std::uint32_t pid) {
  int handle = -1;
  socklen_t size = sizeof handle;
  const bool known = getsockopt(socket, SOL_SOCKET, SO_PEERPIDFD, &handle, &size) == 0;
  const bool ask_by_number = !known && errno == ENOPROTOOPT;
  return std::shared_ptr<const Process>(
      new Process(pid, ask_by_number ? handle_of(pid) : Descriptor(known ? handle : -1)));
}

std::shared_ptr<const Process> Process::of_pid(std::uint32_t pid) {
  return std::shared_ptr<const Process>(new Process(pid, handle_of(pid)));
}

// A pidfd becomes readable when its process ends.
bool Process::running() const {
  pollfd ended{.fd = handle_.get(), .events = POLLIN, .revents = 0};
  return handle_ && poll(&ended, 1, 0) == 0;
}

}  // namespace countersign::http
