// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/support/browser.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <exception>
#include <stdexcept>

namespace countersign::test {
namespace {

constexpr int patience_ms = 90'000;  // longer than any limit in browser.py

// This process's end of a channel to it; the other end is its input and output.
std::pair<int, int> channel() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw std::runtime_error("no socket pair");
  return {ends[0], ends[1]};
}

}  // namespace

// The program is ended by the end of its input, so that the browser goes too when this process is
// killed.
struct Browser::Program {
  Program(const std::string& folder, std::pair<int, int> ends)
      : mine(ends.first),
        running({"/usr/bin/python3", "-B", COUNTERSIGN_E2E_FOLDER "/browser.py", folder},
                ends.second) {
    (void)close(ends.second);
  }
  ~Program() {
    (void)shutdown(mine, SHUT_WR);
    (void)running.wait(25);
    (void)close(mine);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  int mine;
  Running running;
};

Browser::Browser() : program_(std::make_unique<Program>(folder_.path(), channel())) {
  const Json first = next_line();
  origin_ = text(first, "origin");
  other_ = text(first, "other");
}

Browser::~Browser() = default;

Page Browser::by_address() const {
  return {.url = "http://127.0.0.1" + origin_.substr(origin_.rfind(':')) + "/"};
}

void Browser::relay_to(const DaemonProcess& daemon) { (void)tell({{"relay", daemon.socket()}}); }

Json Browser::ceremony(std::string_view function, const Json& wanted, const Json& change,
                       const Page& page) {
  const boost::json::value said =
      tell({{"call", {page.url, page.in_frame, function, {wanted, change}}}});
  if (said.as_object().contains("broken"))
    throw std::runtime_error("the page: " + boost::json::serialize(said));
  return said.as_object();
}

boost::json::value Browser::webdriver(std::string_view method, const std::string& path,
                                      const Json& body) {
  return tell({{"webdriver", {method, path, body}}});
}

boost::json::value Browser::tell(const Json& command) {
  const std::string line = boost::json::serialize(command) + "\n";
  if (send(program_->mine, line.data(), line.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(line.size()))
    throw std::runtime_error("the browser is gone");
  Json answer = next_line();
  if (answer.contains("failed")) throw std::runtime_error("the browser: " + text(answer, "failed"));
  return std::move(answer.at("value"));
}

Json Browser::next_line() {
  std::array<char, 4096> some{};
  std::size_t end = 0;
  while ((end = read_.find('\n')) == std::string::npos) {
    pollfd ready{.fd = program_->mine, .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, patience_ms) <= 0) throw std::runtime_error("the browser does not answer");
    const ssize_t count = recv(program_->mine, some.data(), some.size(), 0);
    if (count <= 0)
      throw std::runtime_error("the browser ended; chromedriver said: " +
                               content_of(folder_ / "chromedriver.log"));
    read_.append(some.data(), static_cast<std::size_t>(count));
  }
  Json line = object_in(read_.substr(0, end));
  read_.erase(0, end + 1);
  return line;
}

BrowserKey::BrowserKey(Browser& browser, const Json& options) : browser_(browser) {
  Json all = {{"protocol", "ctap2"},
              {"transport", "usb"},
              {"hasResidentKey", true},
              {"hasUserVerification", true},
              {"isUserVerified", true}};
  for (const auto& [name, value] : options) all[name] = value;
  id_ = browser_.webdriver("POST", "/webauthn/authenticator", all).as_string();
}

BrowserKey::~BrowserKey() {
  try {
    (void)browser_.webdriver("DELETE", path());
  } catch (const std::exception&) {  // the browser is gone, and the key with it
  }
}

boost::json::array BrowserKey::credentials() const {
  return browser_.webdriver("GET", path("/credentials")).as_array();
}

void BrowserKey::forget(const std::string& credential_id) const {
  (void)browser_.webdriver("DELETE", path("/credentials/" + credential_id));
}

void BrowserKey::verify_user(bool verified) const {
  (void)browser_.webdriver("POST", path("/uv"), {{"isUserVerified", verified}});
}

void BrowserKey::misbehave(const Json& bits) const {
  Json params = bits;
  params["authenticatorId"] = id_;
  (void)browser_.webdriver(
      "POST", "/goog/cdp/execute",
      {{"cmd", "WebAuthn.setResponseOverrideBits"}, {"params", std::move(params)}});
}

}  // namespace countersign::test
