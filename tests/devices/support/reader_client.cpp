// SPDX-License-Identifier: Apache-2.0
#include "tests/devices/support/reader_client.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace countersign;
using namespace countersign::reader;

namespace {

using Steady = std::chrono::steady_clock;

sockaddr_un address_of(const std::filesystem::path& socket) {
  sockaddr_un address{.sun_family = AF_UNIX};
  socket.string().copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

}  // namespace

Client::Client(const std::filesystem::path& socket)
    : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const sockaddr_un address = address_of(socket);
  BOOST_REQUIRE(
      connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
}

void Client::send_raw(BytesView frame) {
  (void)!::send(socket_.get(), frame.data(), frame.size(), MSG_NOSIGNAL);
}

std::optional<Reply> Client::receive(std::chrono::milliseconds longest) {
  const auto until = Steady::now() + longest;
  while (Steady::now() < until) {
    pollfd ready{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, 50) <= 0) continue;
    const auto room = frames_.room();
    const ssize_t got = read(socket_.get(), room.data(), room.size());
    if (got <= 0) {
      ended = true;
      return std::nullopt;
    }
    auto frame = frames_.got(static_cast<std::size_t>(got));
    BOOST_REQUIRE(frame.has_value());
    if (!*frame) continue;
    auto reply = decode_reply(std::get<Bytes>(**frame));
    BOOST_REQUIRE(reply.has_value());
    return std::move(*reply);
  }
  return std::nullopt;
}

bool Client::is_ended() {
  while (!ended && receive(std::chrono::seconds(3))) continue;
  return ended;
}

ChildProcess start_reader(const std::string& program, const std::filesystem::path& socket,
                          std::vector<std::string> options) {
  std::filesystem::remove(socket);
  const int listening = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_of(socket);
  BOOST_REQUIRE(bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                listen(listening, 64) == 0);
  options.insert(options.begin(), program);
  ChildProcess reader(options, [listening] {
    if (listening == 3)
      fcntl(listening, F_SETFD, 0);
    else
      dup2(listening, 3);
    setenv("LISTEN_FDS", "1", 1);
    setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
  });
  close(listening);
  return reader;
}
