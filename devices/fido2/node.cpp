// SPDX-License-Identifier: Apache-2.0
#include "devices/fido2/node.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace countersign::devices::fido2 {
namespace {

using reader::Failed;
using reader::Failure;

std::unexpected<Failed> refused(int error) {
  const Failure failure =
      error == EACCES || error == EPERM   ? Failure::permission
      : error == EBUSY || error == EAGAIN ? Failure::busy
      : error == ENOENT || error == ENODEV || error == ENXIO || error == ECONNREFUSED
          ? Failure::removed
          : Failure::internal;
  return std::unexpected(Failed{.failure = failure, .detail = std::strerror(error)});
}

std::expected<Descriptor, Failed> connect_to(const std::string& path) {
  sockaddr_un address{.sun_family = AF_UNIX};
  if (path.size() >= sizeof address.sun_path) return refused(ENAMETOOLONG);
  path.copy(address.sun_path, path.size());
  Descriptor socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket ||
      connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return refused(errno);
  return socket;
}

}  // namespace

std::expected<Descriptor, Failed> open_node(const Device& device) {
  if (device.transport == Transport::software) return connect_to(device.node);
  Descriptor node(open(device.node.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!node) return refused(errno);
  return node;
}

}  // namespace countersign::devices::fido2
