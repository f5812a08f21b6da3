// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/support/reader_proxy.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "tests/support/daemon_process.h"

namespace countersign::test {
namespace {

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{.sun_family = AF_UNIX};
  if (path.size() >= sizeof address.sun_path)
    throw std::runtime_error("the path is too long: " + path);
  path.copy(address.sun_path, path.size());
  return address;
}

int listen_at(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_of(path);
  if (fd < 0 || bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(fd, 64) != 0)
    throw std::runtime_error("can't listen at " + path);
  return fd;
}

pid_t start_reader(int listening, const std::string& keys) {
  const std::string path = program("countersign-reader");
  const pid_t child = fork();
  if (child != 0) return child;
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (listening == 3)
    (void)fcntl(3, F_SETFD, 0);
  else
    (void)dup2(listening, 3);
  (void)setenv("LISTEN_FDS", "1", 1);
  (void)setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
  (void)execl(path.c_str(), path.c_str(), "--virtual", keys.c_str(), nullptr);
  _exit(127);
}

std::vector<pid_t> children_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/children");
  std::vector<pid_t> all;
  for (pid_t child = 0; file >> child;) all.push_back(child);
  return all;
}

bool send_all(int fd, const std::string& data) {
  for (std::size_t at = 0; at < data.size();) {
    const ssize_t sent = send(fd, data.data() + at, data.size() - at, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    at += static_cast<std::size_t>(sent);
  }
  return true;
}

constexpr char secret_frame = 1;  // its kind, after the length

// The next whole frame at the front (devices/reader/codec.h): four octets of length and what they
// count.
std::string take_frame(std::string& buffer) {
  if (buffer.size() < 4) return {};
  std::size_t length = 0;
  for (std::size_t i = 0; i < 4; ++i) length = length << 8U | static_cast<unsigned char>(buffer[i]);
  if (buffer.size() < 4 + length) return {};
  std::string frame = buffer.substr(0, 4 + length);
  buffer.erase(0, 4 + length);
  return frame;
}

}  // namespace

ReaderProxy::ReaderProxy(std::string socket, const std::string& keys)
    : own_socket_(std::move(socket)), reader_socket_(own_socket_ + ".real") {
  std::filesystem::create_directories(keys);
  const int real = listen_at(reader_socket_);
  reader_ = start_reader(real, keys);
  close(real);
  listening_ = listen_at(own_socket_);
  accepting_ = std::thread([this] { accept_all(); });
}

ReaderProxy::~ReaderProxy() {
  ended_ = true;
  (void)shutdown(listening_, SHUT_RDWR);
  accepting_.join();
  close(listening_);
  (void)kill(reader_, SIGTERM);
  (void)waitpid(reader_, nullptr, 0);
  for (std::thread& each : serving_) each.join();
}

void ReaderProxy::kill_at(int message) {
  target_ = 0;
  seen_ = 0;
  secrets_ = 0;
  killed_ = false;
  target_ = message;
}

void ReaderProxy::accept_all() {
  while (!ended_) {
    const int side = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (side < 0) continue;
    serving_.emplace_back([this, side] { serve(side); });
  }
}

bool ReaderProxy::hand_on() {
  const std::lock_guard lock(mutex_);
  if (++seen_ != target_) return true;
  killed_ = true;
  for (const pid_t child : children_of(reader_))
    if (child != watcher_) (void)kill(child, SIGKILL);
  return false;
}

void ReaderProxy::serve(int daemon_side) {
  const int reader_side = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_of(reader_socket_);
  bool open =
      connect(reader_side, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  std::array<pollfd, 2> sides{{{.fd = daemon_side, .events = POLLIN, .revents = 0},
                               {.fd = reader_side, .events = POLLIN, .revents = 0}}};
  std::array<std::string, 2> buffers;
  bool watching = false;
  std::array<char, 65536> chunk{};
  while (open && !ended_) {
    if (poll(sides.data(), sides.size(), 200) <= 0) continue;
    for (std::size_t i = 0; open && i < 2; ++i) {
      if (sides[i].revents == 0) continue;
      const ssize_t size = recv(sides[i].fd, chunk.data(), chunk.size(), 0);
      if (size <= 0) {
        open = false;
        break;
      }
      buffers[i].append(chunk.data(), static_cast<std::size_t>(size));
      for (std::string frame = take_frame(buffers[i]); open && !frame.empty();
           frame = take_frame(buffers[i])) {
        if (i == 0 && frame.size() > 4 && frame[4] == secret_frame) ++secrets_;
        watching = watching || (i == 0 && frame.find("watch") != std::string::npos);
        if (watching && watcher_ < 0 && i == 1)
          if (const auto children = children_of(reader_); !children.empty())
            watcher_ = children.front();
        open = (watching || hand_on()) && send_all(sides[1 - i].fd, frame);
      }
    }
  }
  close(daemon_side);
  close(reader_side);
}

}  // namespace countersign::test
