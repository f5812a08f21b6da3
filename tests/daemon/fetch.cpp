// SPDX-License-Identifier: Apache-2.0
// What is fetched, and what is not asked on the way there.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <string>
#include <thread>

#include "daemon/couriers/curl.h"
#include "daemon/fetch/curl_fetcher.h"

using namespace countersign;
using namespace std::chrono_literals;

namespace {

// A port of this machine. It answers each of `most` requests, or, with none, nobody can connect.
class Port {
 public:
  explicit Port(int most) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof at;
    BOOST_TEST_REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&at), size) == 0);
    BOOST_TEST_REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size) == 0);
    port_ = ntohs(at.sin_port);
    if (most == 0) return;
    BOOST_TEST_REQUIRE(::listen(socket_, most) == 0);
    thread_ = std::thread([this, most] {
      for (int i = 0; i < most; ++i) answer();
    });
  }
  ~Port() {
    ::shutdown(socket_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    ::close(socket_);
  }
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;
  [[nodiscard]] std::string address() const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/";
  }

 private:
  void answer() const {
    const int caller = ::accept(socket_, nullptr, nullptr);
    if (caller < 0) return;
    std::string request;
    char octet = 0;
    while (!request.ends_with("\r\n\r\n") && ::read(caller, &octet, 1) == 1) request += octet;
    const std::string_view said =
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
    (void)!::write(caller, said.data(), said.size());
    ::close(caller);
  }

  int socket_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

// What a login shell or a unit's Environment= may have.
struct ProxyInEnvironment {
  explicit ProxyInEnvironment(const std::string& address) {
    for (const char* name : names) ::setenv(name, address.c_str(), 1);
  }
  ~ProxyInEnvironment() {
    for (const char* name : names) ::unsetenv(name);
  }
  static constexpr const char* names[] = {"http_proxy", "https_proxy", "all_proxy",
                                          "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(fetching)

BOOST_AUTO_TEST_CASE(a_proxy_in_the_environment_is_not_asked) {
  const Port nobody(0), server(3);
  const ProxyInEnvironment proxy(nobody.address());
  fetch::CurlFetcher fetcher;
  const fetch::Request request{.address = server.address(), .longest = 100};
  const auto content = fetcher.fetch(request, Deadline::in(10s));
  BOOST_TEST(content.has_value(), (content ? "" : content.error().what));
  BOOST_TEST(
      fetcher.first({request}, Deadline::in(10s), [](BytesView) { return true; }).has_value());
  const auto answer = couriers::exchange(
      {.method = "GET", .url = Secret(server.address()), .body = {}}, Deadline::in(10s));
  BOOST_TEST(answer.has_value(), (answer ? "" : answer.error().what));
}

BOOST_AUTO_TEST_SUITE_END()
