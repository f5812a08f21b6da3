// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/peers.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <random>
#include <vector>

#include "core/encoding/base32.h"
#include "core/factors/hotp.h"
#include "daemon/api/codec/decode.h"
#include "daemon/api/policy.h"
#include "tests/bench/measure.h"
#include "tests/bench/pam_loop.h"
#include "tests/support/daemon_process.h"

namespace countersign::bench {
namespace {

constexpr int codes_per_client = 100;

struct Try {
  std::string user, code;
};

int accepted(const std::string& folder, const std::vector<Try>& tries) {
  return static_cast<int>(std::ranges::count_if(
      tries, [&](const Try& one) { return logs_in(folder, one.user, one.code); }));
}

// This process, and no other, has another /etc/passwd from now on.
void use_passwd(const std::string& file) {
  const bool alone =
      unshare(CLONE_NEWNS) == 0 && mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  if (!alone || mount(file.c_str(), "/etc/passwd", nullptr, MS_BIND, nullptr) != 0) _exit(1);
}

// Each client is a process with users of its own. Accepted a second, over all.
double rate_of(const std::string& folder, std::vector<std::vector<Try>> clients,
               const std::string& passwd = {}) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return 0;
  const double begin = seconds();
  std::vector<pid_t> children;
  for (std::vector<Try>& tries : clients) {
    children.push_back(fork());
    if (children.back() != 0) continue;
    if (!passwd.empty()) use_passwd(passwd);
    const int good = accepted(folder, tries);
    (void)!write(ends[1], &good, sizeof good);
    _exit(0);
  }
  int total = 0;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    int good = 0;
    if (read(ends[0], &good, sizeof good) == sizeof good) total += good;
  }
  const double rate = total / (seconds() - begin);
  for (const pid_t child : children) waitpid(child, nullptr, 0);
  close(ends[0]);
  close(ends[1]);
  return total * 10 < static_cast<int>(clients.size()) * codes_per_client * 9
             ? 0
             : rate;  // it refuses: not to be measured here
}

std::string name_of(std::size_t client, int user) { return fmt::format("peer{}x{}", client, user); }

std::int64_t step_now() { return static_cast<std::int64_t>(std::time(nullptr)) / 30; }

std::vector<std::vector<Try>> tries_for(std::size_t clients, const Secret& secret) {
  std::vector<std::vector<Try>> all(clients);
  for (std::size_t client = 0; client < clients; ++client)
    for (int user = 0; user < codes_per_client; ++user)
      all[client].push_back({name_of(client, user), hotp::code_at({}, secret, step_now())});
  return all;
}

bool installed(const std::string& module) {
  return std::filesystem::exists("/lib/x86_64-linux-gnu/security/" + module) ||
         std::filesystem::exists("/lib/security/" + module);
}

double google_authenticator(std::size_t clients, const Secret& secret) {
  const test::TemporaryFolder folder;
  write_stack(
      folder.path(),
      fmt::format("pam_google_authenticator.so user=root secret={}/${{USER}}", folder.path()));
  const Secret base32 = formats::base32_encode(secret.expose());
  for (std::size_t client = 0; client < clients; ++client)
    for (int user = 0; user < codes_per_client; ++user) {
      const std::string path = folder / name_of(client, user);
      std::ofstream(path) << base32.expose_text()
                          << "\n\" WINDOW_SIZE 3\n\" DISALLOW_REUSE\n\" TOTP_AUTH\n";
      chmod(path.c_str(), 0400);
    }
  return rate_of(folder.path(), tries_for(clients, secret));
}

double oath(std::size_t clients, const Secret& secret) {
  const test::TemporaryFolder folder;
  write_stack(folder.path(),
              fmt::format("pam_oath.so usersfile={}/users.oath window=3 digits=6", folder.path()));
  std::ofstream users(folder / "users.oath");
  std::string hex;
  for (const Byte octet : secret.expose()) hex += fmt::format("{:02x}", octet);
  for (std::size_t client = 0; client < clients; ++client)
    for (int user = 0; user < codes_per_client; ++user)
      users << "HOTP/T30/6 " << name_of(client, user) << " - " << hex << "\n";
  users.close();
  chmod((folder / "users.oath").c_str(), 0600);
  return rate_of(folder.path(), tries_for(clients, secret));
}

void must(const test::DaemonProcess& daemon, const std::string& method, const std::string& target,
          const std::string& body) {
  const auto answer = daemon.call(method, target, body);
  if (answer.status != 200) throw std::runtime_error(target + ": " + answer.body);
}

double our_module(const Secret& secret) {
  const test::TemporaryFolder folder;
  const test::DaemonProcess daemon(
      {.state = folder / "state", .socket = folder / "socket", .demo = true, .more = {}});
  const Secret base32 = formats::base32_encode(secret.expose());
  std::ofstream passwd(folder / "passwd");  // the module goes by the system's accounts
  passwd << std::ifstream("/etc/passwd").rdbuf();
  for (int user = 0; user < codes_per_client; ++user) {
    const std::string name = name_of(0, user);
    passwd << fmt::format("{}:x:{}:65534::/:/bin/false\n", name, 700000 + user);
    must(daemon, "POST", "/v1/users", fmt::format(R"({{"name":"{0}","login":"{0}"}})", name));
    must(daemon, "POST", "/v1/enrollments",
         fmt::format(R"({{"user":"{}","kind":"totp","confirm":false,"secret":"{}"}})", name,
                     base32.expose_text()));
  }
  const auto preview =
      daemon.call("PATCH", "/v1/policies/staff", R"({"mode":"required","dry_run":true})");
  const auto change = api::decode<api::PolicyEffect>(preview.body);
  if (!change) throw std::runtime_error("no policy: " + preview.body);
  must(daemon, "PATCH", "/v1/policies/staff",
       fmt::format(R"({{"mode":"required","confirm":"{}","recovery":true}})", change->change));
  write_stack(folder.path(),
              test::program("../lib/pam_countersign.so") + " socket=" + daemon.socket());
  passwd.close();
  return rate_of(folder.path(), tries_for(1, secret), folder / "passwd");
}

}  // namespace

Modules modules_alone() {
  Modules modules;
  if (geteuid() != 0) return modules;
  const Secret secret(Bytes(20, 0x42));
  if (installed("pam_google_authenticator.so"))
    modules.theirs = {"google-authenticator", google_authenticator(1, secret)};
  if (installed("pam_oath.so"))
    if (const double rate = oath(1, secret); rate > modules.theirs.rate)
      modules.theirs = {"oath", rate};
  modules.ours = our_module(secret);
  return modules;
}

Peer best_peer() {
  Peer best;
  if (geteuid() != 0) return best;  // both keep their secrets as root
  const Secret secret(Bytes(20, 0x42));
  const auto consider = [&](const std::string& name, double rate) {
    if (rate > best.rate) best = {name, rate};
  };
  for (const std::size_t clients : {1UL, 8UL}) {
    if (installed("pam_google_authenticator.so"))
      consider(fmt::format("google-authenticator PAM, {} clients", clients),
               google_authenticator(clients, secret));
    if (installed("pam_oath.so"))
      consider(fmt::format("oath PAM, {} clients", clients), oath(clients, secret));
  }
  return best;
}

}  // namespace countersign::bench
