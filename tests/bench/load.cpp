// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/load.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <stdexcept>

#include "tests/bench/measure.h"

namespace countersign::bench {
namespace {

struct Connection {
  int socket = -1;
  double sent = 0;
  std::string answer;
};

int connect_by_tcp(const std::string& place) {
  const std::size_t colon = place.find(':');
  sockaddr_in address{
      .sin_family = AF_INET,
      .sin_port = htons(static_cast<std::uint16_t>(std::stoi(place.substr(colon + 1))))};
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (inet_pton(AF_INET, place.substr(0, colon).c_str(), &address.sin_addr) != 1 ||
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("nothing listens at " + place);
  return fd;
}

int connect_to(const std::string& path) {
  if (!path.starts_with('/')) return connect_by_tcp(path);
  sockaddr_un address{.sun_family = AF_UNIX};
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("nothing listens at " + path);
  return fd;
}

// Size of the whole answer at the front of the text; 0 while its head is incomplete.
std::size_t answer_size(std::string_view text) {
  constexpr std::string_view name = "Content-Length: ";
  const std::size_t end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return 0;
  const std::size_t at = text.find(name);
  std::size_t body = 0;
  if (at < end) std::from_chars(text.data() + at + name.size(), text.data() + end, body);
  return end + 4 + body;
}

class Runner {
 public:
  Runner(const std::string& socket, std::size_t count, const std::vector<std::string>& requests,
         std::string_view good, std::size_t warm)
      : requests_(requests),
        good_(good),
        warm_(warm),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        connections_(count) {
    for (std::size_t i = 0; i < count; ++i) {
      connections_[i].socket = connect_to(socket);
      epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
      epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_[i].socket, &event);
    }
    load_.microseconds.reserve(requests.size());
  }
  ~Runner() {
    for (const Connection& connection : connections_) close(connection.socket);
    close(epoll_);
  }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  Load run() {
    begin_ = seconds();
    for (Connection& connection : connections_) send_next(connection);
    std::array<epoll_event, 64> events;
    while (answered_ < requests_.size()) {
      const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 10'000);
      if (ready == 0) throw std::runtime_error("no answer for ten seconds");
      for (int i = 0; i < ready; ++i)
        receive(connections_[events[static_cast<std::size_t>(i)].data.u64]);
    }
    load_.seconds = seconds() - begin_;
    return std::move(load_);
  }

 private:
  void send_next(Connection& connection) {
    if (next_ == requests_.size()) return;
    const std::string& request = requests_[next_++];
    connection.sent = seconds();
    if (send(connection.socket, request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size()))
      throw std::runtime_error("the connection broke");
  }

  void receive(Connection& connection) {
    std::array<char, 16384> chunk;
    const ssize_t size = recv(connection.socket, chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (size <= 0) throw std::runtime_error("the connection broke");
    std::string_view text(chunk.data(), static_cast<std::size_t>(size));
    if (!connection.answer.empty()) text = connection.answer.append(text);
    const std::size_t whole = answer_size(text);
    if (whole == 0 || text.size() < whole) {
      if (connection.answer.empty()) connection.answer = text;
      return;
    }
    const double now = seconds();
    if (++answered_ == warm_) begin_ = now;
    if (answered_ > warm_) {
      ++load_.answers;
      load_.good += text.contains(good_) ? 1U : 0U;
      load_.microseconds.push_back((now - connection.sent) * 1e6);
    }
    connection.answer.clear();
    send_next(connection);
  }

  const std::vector<std::string>& requests_;
  const std::string_view good_;
  const std::size_t warm_;
  const int epoll_;
  std::vector<Connection> connections_;
  std::size_t next_ = 0, answered_ = 0;
  double begin_ = 0;
  Load load_;
};

}  // namespace

Load run_load(const std::string& socket, std::size_t connections,
              const std::vector<std::string>& requests, std::string_view good, std::size_t warm) {
  return Runner(socket, connections, requests, good, warm).run();
}

std::string http_request(std::string_view method, std::string_view target, std::string_view body) {
  return fmt::format(
      "{} {} HTTP/1.1\r\nHost: countersign\r\nContent-Type: application/json\r\nContent-Length: "
      "{}\r\n\r\n{}",
      method, target, body.size(), body);
}

}  // namespace countersign::bench
