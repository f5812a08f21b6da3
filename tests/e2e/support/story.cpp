// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/support/story.h"

#include <grp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iomanip>
#include <map>
#include <sstream>
#include <stdexcept>

namespace countersign::test {
namespace {

DaemonProcess::Options options_for(const TemporaryFolder& folder, const std::string& config,
                                   bool demo, const std::vector<std::string>& more) {
  DaemonProcess::Options options{
      .state = folder / "state", .socket = folder / "socket", .demo = demo, .more = {}};
  const std::string file = folder / "config.toml";
  write_file(file, config);
  options.more = {"--config", file};
  options.more.insert(options.more.end(), more.begin(), more.end());
  return options;
}

// How much has passed by advance, for each daemon (by its socket).
std::map<std::string, std::int64_t>& passed() {
  static std::map<std::string, std::int64_t> by_socket;
  return by_socket;
}

void move_clock(const DaemonProcess& daemon, const char* how, std::int64_t seconds) {
  (void)ask(daemon, "PUT", "/v1/demo/clock", boost::json::serialize(Json{{how, seconds}}));
}

}  // namespace

House::House(const std::string& config, bool demo,
             const std::function<std::vector<std::string>(const TemporaryFolder&)>& more)
    : daemon(options_for(folder, config, demo, more ? more(folder) : std::vector<std::string>())) {}

Json object_in(const std::string& text) {
  boost::system::error_code error;
  const auto value = boost::json::parse(text, error);
  if (error || !value.is_object()) throw std::runtime_error("not one JSON object: " + text);
  return value.as_object();
}

std::string text(const Json& object, std::string_view member) {
  const auto* value = object.if_contains({member.data(), member.size()});
  if (value == nullptr)
    throw std::runtime_error("no " + std::string(member) + " in " + boost::json::serialize(object));
  if (value->is_string()) return std::string(value->as_string());
  return boost::json::serialize(*value);
}

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("can't read " + path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

void write_file(const std::string& path, std::string_view content, unsigned mode) {
  {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << content;
    if (!out.flush()) throw std::runtime_error("can't write " + path);
  }
  (void)chmod(path.c_str(), mode);
}

std::string tool(const std::vector<std::string>& words, const std::string& input) {
  const Ran ran = run(words, input);
  if (ran.exit_code != 0)
    throw std::runtime_error(words[0] + " ended with " + std::to_string(ran.exit_code) + ": " +
                             ran.out + ran.err);
  return ran.out;
}

std::string sqlite(const std::string& database, const std::string& sql) {
  return tool({"sqlite3", "-bail", database}, sql + "\n");
}

std::string base32_decode(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out;
  std::uint32_t bits = 0;
  int have = 0;
  for (const char c : text) {
    const auto value = alphabet.find(c);
    if (value == std::string_view::npos) continue;
    bits = bits << 5U | static_cast<std::uint32_t>(value);
    if ((have += 5) < 8) continue;
    have -= 8;
    out += static_cast<char>(bits >> static_cast<unsigned>(have) & 0xFFU);
  }
  return out;
}

Json ask(const DaemonProcess& daemon, const std::string& method, const std::string& target,
         const std::string& body) {
  const client::Answer answer = daemon.call(method, target, body);
  if (answer.status != 200)
    throw std::runtime_error(method + " " + target + " was answered with " +
                             std::to_string(answer.status) + ": " + answer.body);
  return object_in(answer.body);
}

Json told(const DaemonProcess& daemon, std::vector<std::string> words, int exit_code,
          const std::string& input) {
  words.emplace_back("--json");
  const Ran ran = daemon.cli(words, input);
  if (ran.exit_code != exit_code) {
    std::string line;
    for (const std::string& word : words) line += word + " ";
    throw std::runtime_error("countersign " + line + "ended with " + std::to_string(ran.exit_code) +
                             ": " + ran.out + ran.err);
  }
  return object_in(ran.out);
}

std::int64_t now(const DaemonProcess& daemon) {
  std::tm parts{};
  const std::string time = text(ask(daemon, "GET", "/v1/status"), "time");
  std::istringstream in(time);
  in >> std::get_time(&parts, "%Y-%m-%dT%H:%M:%S");
  if (!in) throw std::runtime_error("not a time: " + time);
  return timegm(&parts);
}

void advance(const DaemonProcess& daemon, std::int64_t seconds) {
  move_clock(daemon, "advance", seconds);
  passed()[daemon.socket()] += seconds;
}
void catch_up(const DaemonProcess& daemon) {
  move_clock(daemon, "advance", passed()[daemon.socket()]);
}
void step_clock(const DaemonProcess& daemon, std::int64_t seconds) {
  move_clock(daemon, "step", seconds);
}

std::string Phone::code_at(std::int64_t unix_seconds) const {
  std::string out =
      tool({"oathtool", "--totp=" + algorithm, "-b", "-d", std::to_string(digits), "-s",
            std::to_string(period) + "s", "--now", "@" + std::to_string(unix_seconds), secret});
  out.erase(out.find('\n'));
  return out;
}

void add_user(const DaemonProcess& daemon, const std::string& name) {
  (void)ask(daemon, "POST", "/v1/users", boost::json::serialize(Json{{"name", name}}));
}

namespace {

Phone enroll(const DaemonProcess& daemon, const std::string& user, const char* kind) {
  const Json answer =
      ask(daemon, "POST", "/v1/enrollments",
          boost::json::serialize(Json{{"user", user}, {"kind", kind}, {"confirm", false}}));
  Phone phone;
  phone.user = user;
  phone.id = text(answer, "id");
  phone.secret = text(answer, "secret");
  return phone;
}

}  // namespace

Phone enroll_totp(const DaemonProcess& daemon, const std::string& user) {
  return enroll(daemon, user, "totp");
}
Phone enroll_hotp(const DaemonProcess& daemon, const std::string& user) {
  return enroll(daemon, user, "hotp");
}

std::string fresh_code(const DaemonProcess& daemon, const Phone& phone) {
  advance(daemon, 2 * phone.period);
  return phone.code_at(now(daemon));
}

std::string wrong_code(const DaemonProcess& daemon, const Phone& phone) {
  const std::int64_t time = now(daemon);
  std::string near;
  for (int step = -4; step <= 4; ++step) near += phone.code_at(time + step * phone.period) + " ";
  for (int guess = 100'000;; ++guess)
    if (near.find(std::to_string(guess)) == std::string::npos) return std::to_string(guess);
}

std::string hotp_code(const Phone& phone, std::int64_t counter) {
  std::string out = tool({"oathtool", "--hotp", "-b", "-d", std::to_string(phone.digits), "-c",
                          std::to_string(counter), phone.secret});
  out.erase(out.find('\n'));
  return out;
}

std::vector<std::string> enroll_backup_codes(const DaemonProcess& daemon, const std::string& user) {
  const Json answer = ask(daemon, "POST", "/v1/enrollments",
                          boost::json::serialize(Json{{"user", user}, {"kind", "backup-codes"}}));
  std::vector<std::string> codes;
  for (const auto& code : answer.at("codes").as_array()) codes.emplace_back(code.as_string());
  return codes;
}

void import_stock(const DaemonProcess& daemon, int count) {
  const std::string id = text(ask(daemon, "POST", "/v1/imports"), "id");
  for (int begin = 0; begin < count; begin += 1000) {
    std::string rows;
    for (int i = begin; i < std::min(begin + 1000, count); ++i)
      rows += std::string(rows.empty() ? "" : ",") + R"({"serial":"S)" + std::to_string(i) +
              R"(","kind":"hotp","secret":"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"})";
    const Json result =
        ask(daemon, "POST", "/v1/imports/" + id + "/rows", "{\"rows\":[" + rows + "]}");
    if (!result.at("refused").as_array().empty())
      throw std::runtime_error("refused: " + boost::json::serialize(result));
  }
  (void)ask(daemon, "POST", "/v1/imports/" + id + "/finish", R"({"complete":true})");
}

std::string verification(const std::string& user, const std::string& code,
                         const std::string& service) {
  Json body{{"user", user}, {"code", code}};
  if (!service.empty()) body["service"] = service;
  return boost::json::serialize(body);
}

Json verify(const DaemonProcess& daemon, const std::string& user, const std::string& code) {
  return ask(daemon, "POST", "/v1/verifications", verification(user, code));
}

std::string verdict(const DaemonProcess& daemon, const std::string& user, const std::string& code) {
  const Json answer = verify(daemon, user, code);
  return text(answer, "verdict") == "verified" ? "verified" : text(answer, "reason");
}

int become(uid_t uid) {
  return setgroups(0, nullptr) == 0 && setresgid(uid, uid, uid) == 0 &&
                 setresuid(uid, uid, uid) == 0
             ? 0
             : -1;
}

std::string as_uid(uid_t uid, const std::function<std::string()>& act) {
  if (geteuid() != 0) throw std::runtime_error("this test needs root: it acts as other users");
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    std::string out = "the child could not become uid " + std::to_string(uid);
    if (become(uid) == 0) {
      try {
        out = act();
      } catch (const std::exception& error) {
        out = std::string("exception: ") + error.what();
      }
    }
    for (std::size_t sent = 0; sent < out.size();) {
      const ssize_t count = write(ends[1], out.data() + sent, out.size() - sent);
      if (count <= 0) _exit(1);
      sent += static_cast<std::size_t>(count);
    }
    _exit(0);
  }
  close(ends[1]);
  std::string out;
  char chunk[4096];
  for (ssize_t count = 0; (count = read(ends[0], chunk, sizeof chunk)) > 0;)
    out.append(chunk, static_cast<std::size_t>(count));
  close(ends[0]);
  int status = 0;
  (void)waitpid(child, &status, 0);
  if (status != 0) throw std::runtime_error("the child died: " + std::to_string(status));
  return out;
}

Socket::Socket(const std::string& path) : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{.sun_family = AF_UNIX};
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  if (fd_ < 0 || connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("can't connect to " + path + ": " + std::strerror(errno));
}

Socket::~Socket() {
  if (fd_ >= 0) close(fd_);
}

bool Socket::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::string Socket::receive_all(int seconds) const {
  std::string out;
  char chunk[16384];
  pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
  while (poll(&waiting, 1, seconds * 1000) > 0) {
    const ssize_t count = recv(fd_, chunk, sizeof chunk, 0);
    if (count <= 0) break;
    out.append(chunk, static_cast<std::size_t>(count));
  }
  return out;
}

bool Socket::closed_within(int seconds) const {
  char chunk[16384];
  pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (std::chrono::steady_clock::now() < limit)
    if (poll(&waiting, 1, 100) > 0 && recv(fd_, chunk, sizeof chunk, 0) <= 0) return true;
  return false;
}

std::string request(std::string_view method, std::string_view target, std::string_view body) {
  std::string out =
      std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: countersign\r\n";
  if (method != "GET")
    out +=
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  return out + "\r\n" + std::string(body);
}

Ran daemon_refuses(const std::string& state, const std::string& socket,
                   const std::vector<std::string>& more) {
  std::vector<std::string> words = {program("countersignd"), "--state", state, "--socket", socket};
  words.insert(words.end(), more.begin(), more.end());
  return run(words, {}, 10);
}

}  // namespace countersign::test
