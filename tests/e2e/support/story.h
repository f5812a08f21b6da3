// SPDX-License-Identifier: Apache-2.0
// What the end-to-end tests tell their stories with: a daemon in a folder of its own, people,
// phones, other processes. Everything goes through the CLI or the socket; oathtool is the phone. A
// tool that is missing fails the test.
#pragma once

#include <sys/types.h>

#include <boost/json.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "tests/support/daemon_process.h"

namespace countersign::test {

using Json = boost::json::object;

// A state folder, a socket and a running daemon. config: TOML; empty for none.
class House {
 public:
  explicit House(const std::string& config = {}, bool demo = true,
                 const std::function<std::vector<std::string>(const TemporaryFolder&)>& more = {});

  [[nodiscard]] std::string state() const { return folder / "state"; }
  [[nodiscard]] std::string database() const { return folder / "state/store.db"; }
  [[nodiscard]] std::string config_file() const { return folder / "config.toml"; }

  TemporaryFolder folder;
  DaemonProcess daemon;
};

// --- texts and answers ---

// Exactly one JSON object and nothing else; throws otherwise, with the text.
[[nodiscard]] Json object_in(const std::string& text);
// The member as text; throws when it is not there.
[[nodiscard]] std::string text(const Json& object, std::string_view member);
[[nodiscard]] std::string content_of(const std::string& path);
void write_file(const std::string& path, std::string_view content, unsigned mode = 0600);
// A tool's standard output; throws unless it ends with 0.
std::string tool(const std::vector<std::string>& words, const std::string& input = {});
// SQL by the sqlite3 program on a store that no daemon has open.
std::string sqlite(const std::string& database, const std::string& sql);
[[nodiscard]] std::string base32_decode(std::string_view text);

// One call that must be answered with 200.
Json ask(const DaemonProcess& daemon, const std::string& method, const std::string& target,
         const std::string& body = {});
// A CLI command with --json that must end with this code; its one object.
Json told(const DaemonProcess& daemon, std::vector<std::string> words, int exit_code = 0,
          const std::string& input = {});

// --- time ---

[[nodiscard]] std::int64_t now(const DaemonProcess& daemon);  // Unix seconds, as the daemon says
void advance(const DaemonProcess& daemon, std::int64_t seconds);
void step_clock(const DaemonProcess& daemon, std::int64_t seconds);
// A daemon that starts again goes by the machine's clock: lets pass once more what had passed
// before.
void catch_up(const DaemonProcess& daemon);

// --- people and what they hold ---

struct Phone {
  std::string user, id, secret;
  std::string algorithm = "SHA1";
  int digits = 6;
  int period = 30;

  [[nodiscard]] std::string code_at(std::int64_t unix_seconds) const;
};
void add_user(const DaemonProcess& daemon, const std::string& name);
// Bound at once. The user must be there.
[[nodiscard]] Phone enroll_totp(const DaemonProcess& daemon, const std::string& user);
// A code of a step that was never shown before: lets two steps pass.
[[nodiscard]] std::string fresh_code(const DaemonProcess& daemon, const Phone& phone);
// A code of six digits that is not right now, nor in any step near.
[[nodiscard]] std::string wrong_code(const DaemonProcess& daemon, const Phone& phone);
[[nodiscard]] Phone enroll_hotp(const DaemonProcess& daemon, const std::string& user);
[[nodiscard]] std::string hotp_code(const Phone& phone, std::int64_t counter);
[[nodiscard]] std::vector<std::string> enroll_backup_codes(const DaemonProcess& daemon,
                                                           const std::string& user);

// So many HOTP tokens in stock, by one import through the API.
void import_stock(const DaemonProcess& daemon, int count);

[[nodiscard]] std::string verification(const std::string& user, const std::string& code,
                                       const std::string& service = {});  // request body
Json verify(const DaemonProcess& daemon, const std::string& user, const std::string& code);
// "verified" or the reason of the denial.
[[nodiscard]] std::string verdict(const DaemonProcess& daemon, const std::string& user,
                                  const std::string& code);

// --- other processes and raw bytes ---

// This process goes on with this uid, gid = uid and no further groups; 0 when it does. For children
// only.
[[nodiscard]] int become(uid_t uid);
// Runs it in a child with this uid, gid = uid and no further groups, and brings its text back.
// Throws without root.
std::string as_uid(uid_t uid, const std::function<std::string()>& act);

class Socket {
 public:
  explicit Socket(const std::string& path);
  ~Socket();
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&&) = delete;

  [[nodiscard]] int fd() const { return fd_; }
  bool send(std::string_view bytes) const;  // false when the other end is gone
  // Everything until the other end closes, or "" at once if nothing comes within the limit.
  [[nodiscard]] std::string receive_all(int seconds = 20) const;
  [[nodiscard]] bool closed_within(int seconds) const;  // the other end hung up

 private:
  int fd_;
};
[[nodiscard]] std::string request(std::string_view method, std::string_view target,
                                  std::string_view body = {});

// A program that must end by itself, its exit code and what it said. For daemons that refuse to
// start.
[[nodiscard]] Ran daemon_refuses(const std::string& state, const std::string& socket,
                                 const std::vector<std::string>& more = {});

}  // namespace countersign::test
