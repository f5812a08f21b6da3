// SPDX-License-Identifier: Apache-2.0
// What one caller's connections can take of the daemon (T14): requests without a clear end or
// without any, answers that nobody reads, streams whose caller has gone, and a stop meanwhile.
#include <boost/test/unit_test.hpp>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "tests/e2e/support/processes.h"
#include "tests/e2e/support/story.h"

using namespace countersign;
using namespace countersign::test;

namespace {

constexpr std::string_view head_of_stream = "GET /v1/devices/events HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view smuggled =
    "POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 19\r\n\r\n{\"name\":\"smuggled\"}";

std::size_t answers_in(const std::string& text) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find("HTTP/1.1 ", at)) != std::string::npos; ++at) ++count;
  return count;
}

// Sends blocks until the other end closes or has taken this much.
std::size_t pour(const Socket& socket, std::size_t most) {
  const std::string block(16 * 1024, 'a');
  std::size_t sent = 0;
  while (sent < most && socket.send(block)) sent += block.size();
  return sent;
}

// Asks for answers until the daemon can't get rid of one more.
void ask_without_reading(const Socket& socket) {
  const int small = 2048;
  (void)setsockopt(socket.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  std::string many;
  for (int i = 0; i < 8; ++i) many += request("GET", "/v1/openapi.json");
  (void)socket.send(many);
}

bool hangs_up(const Socket& socket, int milliseconds) {
  pollfd look{.fd = socket.fd(), .events = POLLRDHUP, .revents = 0};
  return poll(&look, 1, milliseconds) > 0;
}

// A connection over TCP from an address of this host, or none.
class TcpCaller {
 public:
  TcpCaller(const char* from, int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    (void)inet_pton(AF_INET, from, &address.sin_addr);
    BOOST_REQUIRE(bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    (void)inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    BOOST_REQUIRE(connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  ~TcpCaller() {
    if (fd_ >= 0) close(fd_);
  }
  TcpCaller(TcpCaller&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  TcpCaller& operator=(TcpCaller&&) = delete;
  bool send(std::string_view bytes) const {
    return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  // The first octets of what comes within the limit.
  [[nodiscard]] std::string first(int milliseconds = 20'000) const {
    pollfd look{.fd = fd_, .events = POLLIN, .revents = 0};
    char text[64];
    if (poll(&look, 1, milliseconds) <= 0) return "nothing";
    const ssize_t count = recv(fd_, text, sizeof text, 0);
    return count > 0 ? std::string(text, static_cast<std::size_t>(count)) : std::string();
  }
  [[nodiscard]] bool hung_up(int milliseconds) const {
    pollfd look{.fd = fd_, .events = POLLRDHUP, .revents = 0};
    return poll(&look, 1, milliseconds) > 0;
  }

 private:
  int fd_;
};

int free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  BOOST_REQUIRE(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  BOOST_REQUIRE(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  close(fd);
  return ntohs(address.sin_port);
}

// Also over TCP.
struct TcpHouse {
  explicit TcpHouse(const std::string& config = {})
      : house(config, true, [this](const TemporaryFolder&) {
          return std::vector<std::string>{"--wsapi", fmt::format("127.0.0.1:{}", port)};
        }) {}
  int port = free_port();
  House house;
};

long peak_kib(pid_t pid) { return status_kib(pid, "VmHWM"); }

}  // namespace

BOOST_AUTO_TEST_SUITE(connections)

BOOST_AUTO_TEST_CASE(T14_a_body_is_never_the_next_request) {
  const House house;
  for (const std::string headers :
       {"Transfer-Encoding: identity\r\n", "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: identity, chunked\r\n", "Transfer-Encoding: \"chunked\"\r\n",
        "Transfer-Encoding: chunked;q=1\r\n",
        "Transfer-Encoding:\x0b"
        "chunked\r\n",
        "Transfer-Encoding: gzip\r\n", "Transfer-Encoding:\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 19\r\n",
        "Content-Length: 19\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 2\r\nContent-Length: 2\r\n", "Content-Length: 2, 2\r\n"}) {
    const Socket socket(house.daemon.socket());
    (void)socket.send("GET /v1/status HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n" +
                      std::string(smuggled));
    const std::string answer = socket.receive_all();
    BOOST_TEST(answer.starts_with("HTTP/1.1 400"), headers << answer);
    BOOST_TEST(answers_in(answer) == 1U, headers << answer);
  }
  const Socket old(house.daemon.socket());
  (void)old.send("POST /v1/users HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  BOOST_TEST(old.receive_all().starts_with("HTTP/1.1 400"));
  BOOST_TEST(house.daemon.call("GET", "/v1/users/smuggled").status == 404);
}

BOOST_AUTO_TEST_CASE(T14_what_chunks_may_carry_is_read_past) {
  const House house;
  const Socket socket(house.daemon.socket());
  (void)socket.send(
      "POST /v1/users HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\nConnection: "
      "close\r\n\r\n"
      "5;a=b;c=\"d\"\r\n{\"nam\r\nC\r\ne\":\"alice\"}\n\r\n0\r\nX-Sum: 1\r\n\r\n");
  const std::string answer = socket.receive_all();
  BOOST_TEST(answer.starts_with("HTTP/1.1 200"), answer);
  const Socket pair(house.daemon.socket());
  (void)pair.send(request("GET", "/v1/users/alice") +
                  "GET /v1/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  BOOST_TEST(answers_in(pair.receive_all()) == 2U);
}

BOOST_AUTO_TEST_CASE(T14_every_octet_of_a_request_counts) {
  const TcpHouse there;
  const DaemonProcess& daemon = there.house.daemon;
  (void)ask(daemon, "GET", "/v1/status");
  const long before = peak_kib(daemon.pid());
  const std::string head =
      "POST /v1/verifications HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  constexpr std::size_t enough = 48U << 20;  // more than root's requests may have, too
  for (const std::string& begin :
       {head + "2;", head + "2\r\n{}\r\n0\r\nX: ", head + "2\r\n{}\r\n0\r\nX",
        head + "2;a=", std::string("GET /v1/status HTTP/1.1\r\nX: ")}) {
    const Socket socket(daemon.socket());
    BOOST_TEST(socket.send(begin));
    BOOST_TEST(pour(socket, enough) < enough, begin);
    const TcpCaller caller("127.0.0.1", there.port);
    BOOST_TEST(caller.send(begin));
    std::size_t sent = 0;
    const std::string block(16 * 1024, 'a');
    while (sent < enough && caller.send(block)) sent += block.size();
    BOOST_TEST(sent < enough, "over TCP: " << begin);
  }
  // Small chunks with large extensions: each one is fine, all together are not.
  const Socket drops(daemon.socket());
  BOOST_TEST(drops.send(head));
  const std::string drop = "1;" + std::string(8000, 'x') + "\r\na\r\n";
  std::size_t sent = 0;
  while (sent < enough && drops.send(drop)) sent += drop.size();
  BOOST_TEST(sent < enough);
  // Many short fields take more memory than octets.
  std::string fields = "GET /v1/status HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 200; ++i) fields += "a:\r\n";
  const Socket many(daemon.socket());
  (void)many.send(fields + "\r\n");
  BOOST_TEST(many.receive_all().starts_with("HTTP/1.1 431"));
  BOOST_TEST(peak_kib(daemon.pid()) - before < 4096);
  BOOST_TEST(daemon.call("GET", "/v1/status").status == 200);
}

BOOST_AUTO_TEST_CASE(T14_an_answer_that_nobody_reads_ends_its_connection) {
  const House house("[limits]\nrequest_seconds = 1\n");
  const DaemonProcess& daemon = house.daemon;
  const std::size_t before = descriptors_of(daemon.pid()).size();
  std::vector<Socket> held;
  for (int i = 0; i < 20; ++i) {
    held.emplace_back(daemon.socket());
    ask_without_reading(held.back());
  }
  for (const Socket& socket : held) BOOST_TEST(hangs_up(socket, 20'000));
  BOOST_TEST(becomes_true([&] { return descriptors_of(daemon.pid()).size() <= before; }, 20'000));
}

BOOST_AUTO_TEST_CASE(T14_a_stream_ends_with_its_caller_whatever_it_sent_ahead) {
  const House house;
  const DaemonProcess& daemon = house.daemon;
  const auto leave_behind = [&](int count) {
    for (int i = 0; i < count; ++i) {
      const Socket socket(daemon.socket());
      BOOST_TEST(socket.send(std::string(head_of_stream) + "X"));
      char first = 0;
      BOOST_TEST(recv(socket.fd(), &first, 1, 0) == 1);
      BOOST_TEST(socket.send("X"));            // not read together with the request
      (void)ask(daemon, "GET", "/v1/status");  // by now the daemon has seen it
    }
  };
  leave_behind(1);  // the first one has the tokens' reader started
  const std::size_t before = descriptors_of(daemon.pid()).size();
  leave_behind(20);
  BOOST_TEST(becomes_true([&] { return descriptors_of(daemon.pid()).size() <= before; }, 20'000));
}

BOOST_AUTO_TEST_CASE(T14_slow_tcp_callers_leave_room_for_others) {
  const TcpHouse there("[limits]\nconnections_per_address = 8\nrequest_seconds = 2\n");
  const std::string query = "GET /wsapi/2.0/verify?id=1 HTTP/1.1\r\nHost: x\r\n\r\n";
  std::vector<TcpCaller> slow;
  for (int i = 0; i < 8; ++i) slow.emplace_back("127.0.0.1", there.port);
  const TcpCaller one_more("127.0.0.1", there.port);
  BOOST_TEST(one_more.first().starts_with("HTTP/1.1 503"));
  const TcpCaller other("127.0.0.2", there.port);
  BOOST_TEST(other.send(query));
  BOOST_TEST(other.first().starts_with("HTTP/1.1 200"));
  // Neither silence nor a byte now and then keeps a place.
  for (const TcpCaller& caller : slow) {
    (void)caller.send("G");
    BOOST_TEST(caller.hung_up(20'000));
  }
  const TcpCaller later("127.0.0.1", there.port);
  BOOST_TEST(later.send(query));
  BOOST_TEST(later.first().starts_with("HTTP/1.1 200"));
  BOOST_TEST(later.hung_up(20'000));  // idle between requests: no longer than a request may take
}

BOOST_AUTO_TEST_CASE(T14_a_stop_ends_within_five_seconds_whatever_clients_do) {
  TcpHouse there;
  DaemonProcess& daemon = there.house.daemon;
  add_user(daemon, "alice");
  add_user(daemon, "carol");
  const std::vector<std::string> codes = enroll_backup_codes(daemon, "carol");
  std::vector<Socket> held;
  const auto connect = [&]() -> const Socket& { return held.emplace_back(daemon.socket()); };
  for (int i = 0; i < 10; ++i) {
    BOOST_TEST(connect().send(head_of_stream));                               // a stream
    BOOST_TEST(connect().send(std::string(head_of_stream) + "X"));            // and more ahead
    BOOST_TEST(connect().send("POST /v1/verifications HTTP/1.1\r\nHost: "));  // half a head
    BOOST_TEST(connect().send(request("POST", "/v1/users", "{\"name\":\"bob\"}").substr(0, 100)));
    ask_without_reading(connect());
    (void)connect();  // silence
  }
  const TcpCaller slow("127.0.0.1", there.port);
  BOOST_TEST(slow.send("GET "));
  // More work for the workers than they can do in that time.
  for (int i = 0; i < 60; ++i)
    BOOST_TEST(connect().send(request("POST", "/v1/enrollments",
                                      R"({"user":"alice","kind":"backup-codes","codes":60})")));
  (void)ask(daemon, "GET", "/v1/status");
  const auto begin = std::chrono::steady_clock::now();
  BOOST_TEST(daemon.stop() == 0);
  const auto took = std::chrono::steady_clock::now() - begin;
  BOOST_TEST(std::chrono::duration_cast<std::chrono::milliseconds>(took).count() < 5000);
  daemon.start();
  BOOST_TEST(verdict(daemon, "carol", codes.front()) == "verified");
}

BOOST_AUTO_TEST_SUITE_END()
