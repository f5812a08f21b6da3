// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/pam/canned_daemon.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>

namespace countersign::test {
namespace {

std::string sign_in(const std::string& decision, const std::string& because,
                    const std::string& factors) {
  return R"({"decision":")" + decision + R"(","because":")" + because +
         R"(","id":"s1","user":"alice","service":"test","primary":"none","factors":[)" + factors +
         R"(],"skippable":false,"advice":"","expires":"2026-05-01T08:30:00Z","amr":[],"aal":0})";
}

const std::string enrollment =
    R"({"id":"a1","user":"alice","kind":"totp","status":"pending","otpauth":"otpauth://totp/x?secret=JBSWY3DPEHPK3PXP","secret":"JBSWY3DPEHPK3PXP"})";
const std::string sent =
    R"({"event":"sent","challenge":"c1","user":"alice","kind":"sms","to":"+49 ... 67","expires":"2026-05-01T08:30:00Z"})";
const std::string account = R"({"suspended":true,"code_digits":[6]})";

void send_all(int connection, std::string_view text) {
  (void)!::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
}

std::string chunk(const std::string& line) {
  char size[16];
  (void)std::snprintf(size, sizeof size, "%zx\r\n", line.size() + 1);
  return size + line + "\n\r\n";
}

}  // namespace

CannedDaemon::CannedDaemon(const std::string& path)
    : listening_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  decide("verify", "factor", R"("fido2","totp")");
  sockaddr_un address{.sun_family = AF_UNIX};
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  if (bind(listening_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(listening_, 128) != 0)
    throw std::runtime_error("can't listen at " + path);
  accepting_ = std::jthread([this] { accept(); });
}

CannedDaemon::~CannedDaemon() {
  ends_ = true;
  (void)shutdown(listening_, SHUT_RDWR);
  accepting_.join();
  connections_.clear();
  (void)close(listening_);
}

void CannedDaemon::decide(const std::string& decision, const std::string& because,
                          const std::string& factors) {
  const std::lock_guard lock(mutex_);
  begun_ = sign_in(decision, because, factors);
}

void CannedDaemon::accept() {
  while (!ends_) {
    const int connection = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    if (connections_.size() > 64) connections_.pop_front();  // long gone
    connections_.emplace_back([this, connection] {
      serve(connection);
      (void)close(connection);
    });
  }
}

// One request, whole or not.
void CannedDaemon::serve(int connection) {
  std::string request;
  char some[4096];
  while (!request.contains("\r\n\r\n")) {
    const ssize_t size = recv(connection, some, sizeof some, 0);
    if (size <= 0) return;
    request.append(some, static_cast<std::size_t>(size));
  }
  const std::size_t begin = request.find(' ') + 1;
  const std::string target = request.substr(begin, request.find(' ', begin) - begin);
  if (target.ends_with("/tap")) return stream(connection);
  const std::string body = answer_to(target);
  send_all(connection, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                           std::to_string(body.size()) + "\r\n\r\n" + body);
}

std::string CannedDaemon::answer_to(const std::string& target) {
  const std::lock_guard lock(mutex_);
  if (target == "/v1/sign-ins") return begun_;
  if (target.ends_with("/verify")) return sign_in("allow", "verified", "");
  if (target.ends_with("/code")) return sent;
  if (target.ends_with("/enrollment")) return enrollment;
  if (target.ends_with("/confirm")) return sign_in("allow", "enrolled", "");
  if (target.starts_with("/v1/accounts/")) return account;
  if (target.starts_with("/v1/interactions/")) {
    ++pins_;
    answered_.notify_all();
  }
  return "{}";
}

// A touch, then a PIN, then in.
void CannedDaemon::stream(int connection) {
  int before = 0;
  {
    const std::lock_guard lock(mutex_);
    before = pins_;
  }
  send_all(connection,
           "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: "
           "chunked\r\n\r\n" +
               chunk(R"({"event":"touch"})") +
               chunk(R"({"event":"pin","interaction":"i1","retries":8})"));
  std::unique_lock lock(mutex_);
  pollfd hung_up{.fd = connection, .events = POLLRDHUP, .revents = 0};
  while (!ends_ && pins_ == before && poll(&hung_up, 1, 0) == 0)
    (void)answered_.wait_for(lock, std::chrono::milliseconds(5));
  send_all(connection, chunk(sign_in("allow", "verified", "")) + "0\r\n\r\n");
}

}  // namespace countersign::test
