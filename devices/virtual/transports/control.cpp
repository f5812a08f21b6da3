// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/transports/control.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>

namespace countersign::virtual_key {
namespace {

constexpr std::string_view error_prefix = "error: ";

void set_patience(int fd, int seconds) {
  const timeval limit{.tv_sec = seconds, .tv_usec = 0};
  (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

// One packet; empty when none came.
std::string receive(int fd) {
  std::array<char, 512> packet{};
  const ssize_t size = ::recv(fd, packet.data(), packet.size(), 0);
  return size <= 0 ? std::string() : std::string(packet.data(), static_cast<std::size_t>(size));
}

}  // namespace

Result<void> obey(HidDevice& device, Key& key, std::string_view command, Moment now) {
  if (command == "touch" || command == "deny") {
    if (device.press(command == "touch" ? Answer::given : Answer::refused, now)) return {};
    return fail(Code::invalid, "the key waits for no touch right now");
  }
  if (command == "uv ok" || command == "uv fail") {
    device.person().right_finger = command == "uv ok";
    return {};
  }
  if (command == "power-cycle") {
    device.replug(now);
    return {};
  }
  if (command.starts_with("fault ")) return key.faults.set(command.substr(6));
  return fail(Code::invalid,
              "no such command; there are: touch, deny, uv ok|fail, power-cycle, fault NAME[=N]");
}

Result<std::optional<Listener>> open_control(const std::string& path) {
  if (path.empty()) return std::nullopt;
  auto opened = TRY(Listener::open(path));
  return std::optional<Listener>(std::move(opened));
}

void serve_control(const Listener& listener,
                   const std::function<Result<void>(std::string_view command)>& obeyed) {
  serve_control(listener, [&](std::string_view command) -> Result<std::string> {
    if (const auto done = obeyed(command); !done) return std::unexpected(done.error());
    return std::string();
  });
}

void serve_control(const Listener& listener,
                   const std::function<Result<std::string>(std::string_view command)>& obeyed) {
  const Descriptor connection = listener.accept();
  if (connection.get() < 0) return;
  set_patience(connection.get(), 1);
  std::string command = receive(connection.get());
  while (command.ends_with('\n')) command.pop_back();
  const auto done = obeyed(command);
  const std::string answer =
      done ? (done->empty() ? "ok" : "ok " + *done) : std::string(error_prefix) + done.error().what;
  (void)::send(connection.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
}

Result<std::string> tell(const std::string& path, std::string_view command) {
  const auto connection = TRY(connect_to(path));
  set_patience(connection.get(), 5);
  if (::send(connection.get(), command.data(), command.size(), MSG_NOSIGNAL) < 0)
    return fail(Code::unavailable, "no token listens on " + path);
  const std::string answer = receive(connection.get());
  if (answer == "ok") return std::string();
  if (answer.starts_with("ok ")) return answer.substr(3);
  if (answer.starts_with(error_prefix))
    return fail(Code::invalid, answer.substr(error_prefix.size()));
  return fail(Code::unavailable, "the token on " + path + " did not answer");
}

}  // namespace countersign::virtual_key
