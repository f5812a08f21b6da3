// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/transports/listener.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace countersign::virtual_key {
namespace {

static_assert(sequenced_packets == SOCK_SEQPACKET && stream == SOCK_STREAM);

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return fail(Code::invalid, "a socket's path may have at most 107 bytes: " + path);
  path.copy(address.sun_path, path.size());
  return address;
}

std::unexpected<Error> trouble(const std::string& path) {
  return fail(Code::unavailable, path + ": " + std::strerror(errno));
}

const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

}  // namespace

Result<Descriptor> connect_to(const std::string& path, int type) {
  const auto address = TRY(address_of(path));
  Descriptor connection(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
  if (!connection || ::connect(connection.get(), generic(address), sizeof address) != 0)
    return trouble(path);
  return connection;
}

Result<Listener> Listener::open(const std::string& path, int type) {
  const auto address = TRY(address_of(path));
  struct stat there{};
  if (::lstat(path.c_str(), &there) == 0) {
    if (!S_ISSOCK(there.st_mode))
      return fail(Code::exists, path + " is there already and no socket");
    if (connect_to(path, type)) return fail(Code::exists, path + ": another program listens there");
    (void)::unlink(path.c_str());
  }
  Descriptor fd(::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return trouble(path);
  const mode_t before = ::umask(0177);
  const bool bound = ::bind(fd.get(), generic(address), sizeof address) == 0;
  ::umask(before);
  if (!bound || ::listen(fd.get(), 8) != 0) return trouble(path);
  return Listener(path, std::move(fd));
}

Listener::~Listener() {
  if (!path_.empty()) (void)::unlink(path_.c_str());
}

Descriptor Listener::accept() const {
  return Descriptor(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
}

}  // namespace countersign::virtual_key
