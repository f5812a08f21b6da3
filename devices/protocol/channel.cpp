// SPDX-License-Identifier: Apache-2.0
#include "devices/protocol/channel.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "core/base/deadline.h"

namespace countersign::reader {
namespace {

constexpr std::chrono::milliseconds patience(2000);

bool wait_for(int descriptor, short events, const Deadline& deadline) {
  while (!deadline.passed()) {
    pollfd ready{.fd = descriptor, .events = events, .revents = 0};
    if (poll(&ready, 1, static_cast<int>(deadline.left().count()) + 1) > 0) return true;
  }
  return false;
}

}  // namespace

bool Channel::send(const Reply& reply) {
  const Bytes frame = to_frame(reply);
  const std::lock_guard lock(sending_);
  const Deadline deadline = Deadline::in(patience);
  for (BytesView rest = frame; !rest.empty();) {
    const ssize_t sent =
        ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      rest = rest.subspan(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (!wait_for(socket_.get(), POLLOUT, deadline)) return false;
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

Result<std::optional<Frame>> Channel::receive() {
  const auto room = reader_.room();
  const ssize_t got = recv(socket_.get(), room.data(), room.size(), MSG_DONTWAIT);
  if (got > 0) return reader_.got(static_cast<std::size_t>(got));
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
  return fail(Code::cancelled, "the connection ended");
}

Result<Frame> Channel::wait_frame(std::chrono::milliseconds longest) {
  const Deadline deadline = Deadline::in(longest);
  while (wait_for(socket_.get(), POLLIN, deadline)) {
    auto frame = TRY(receive());
    if (frame) return std::move(*frame);
  }
  return fail(Code::timed_out, "nothing was said");
}

}  // namespace countersign::reader
