// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/support/pam_house.h"

#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

namespace countersign::test {
namespace {

namespace fs = std::filesystem;

std::string hash_of_password(const std::string& name) {
  std::string hash =
      tool({"openssl", "passwd", "-6", "-salt", "countersign", name + "'s password"});
  hash.erase(hash.find('\n'));
  return hash;
}

// Behind those that are there: the first entry of a uid is the account.
void add_unix_user(const std::string& name, int uid) {
  const std::string hash = hash_of_password(name);
  const std::string number = std::to_string(uid);
  std::ofstream("/etc/passwd", std::ios::app)
      << name << ":x:" << number << ":" << number << "::/:/bin/sh\n";
  std::ofstream("/etc/group", std::ios::app) << name << ":x:" << number << ":\n";
  std::ofstream("/etc/shadow", std::ios::app) << name << ":" << hash << ":19000:0:99999:7:::\n";
}

void set_root_password() {
  std::istringstream before(content_of("/etc/shadow"));
  std::string after = "root:" + hash_of_password("root") + ":19000:0:99999:7:::\n";
  for (std::string line; std::getline(before, line);)
    if (!line.starts_with("root:")) after += line + "\n";
  std::ofstream("/etc/shadow", std::ios::trunc) << after;
}

// /dev/log, read all the time: syslog(3) blocks while the queue is full, and it is 10 lines long by
// default.
class Log {
 public:
  Log() {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = "/dev/log"};
    if (bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        chmod("/dev/log", 0666) != 0)
      throw std::runtime_error("no /dev/log");
    reading_ = std::jthread([this] { read_until_the_end(); });
  }
  ~Log() {
    (void)eventfd_write(end_, 1);
    reading_.join();
    (void)close(socket_);
    (void)close(end_);
  }
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // All that was sent before this call.
  [[nodiscard]] std::string take() {
    const std::lock_guard lock(mutex_);
    drain();
    return std::exchange(lines_, {});
  }

 private:
  void read_until_the_end() {
    while (true) {
      std::array waiting = {pollfd{.fd = socket_, .events = POLLIN, .revents = 0},
                            pollfd{.fd = end_, .events = POLLIN, .revents = 0}};
      (void)poll(waiting.data(), waiting.size(), -1);
      if (waiting[1].revents != 0) return;
      const std::lock_guard lock(mutex_);
      drain();
    }
  }
  void drain() {
    char line[8192];
    for (ssize_t size = 0; (size = recv(socket_, line, sizeof line, 0)) > 0;)
      lines_.append(line, static_cast<std::size_t>(size)) += '\n';
  }

  int socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int end_ = eventfd(0, EFD_CLOEXEC);
  std::mutex mutex_;
  std::string lines_;
  std::jthread reading_;
};

// Mounted over: a folder that only this process and its children see, and that is gone with them.
class OwnEtc {
 public:
  OwnEtc() {
    const std::string copy = folder_ / "etc";
    if (unshare(CLONE_NEWNS) != 0 ||
        mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
      throw std::runtime_error("these tests need root: they mount over /etc");
    (void)tool({"cp", "-a", "/etc", copy});
    (void)tool({"cp", "-a", copy + "/pam.d", copy + "/pam.d.debian"});
    if (mount(copy.c_str(), "/etc", nullptr, MS_BIND, nullptr) != 0)
      throw std::runtime_error("can't mount over /etc");
    for (const auto& each : fs::directory_iterator("/etc/pam.d")) fs::remove_all(each.path());
    std::ofstream("/etc/pam.d/other") << "auth required pam_deny.so\naccount required "
                                         "pam_deny.so\nsession required pam_deny.so\n";
    add_unix_user("alice", 61001);
    add_unix_user("bob", 61002);
    add_unix_user("carol", 61003);
    add_unix_user("CORP\\dave", 61004);
    add_unix_user("ALICE", 61001);
    add_unix_user("toor", 0);
    set_root_password();
    own_dev();
    own_run();
    log_.emplace();
  }
  ~OwnEtc() {
    (void)umount2("/etc", MNT_DETACH);
    (void)umount2("/dev", MNT_DETACH);
    (void)umount2("/run", MNT_DETACH);
    for (const char* name : devices)
      (void)umount2((folder_ / "dev/" + name).c_str(), MNT_DETACH);  // before the folder is removed
  }
  OwnEtc(const OwnEtc&) = delete;
  OwnEtc& operator=(const OwnEtc&) = delete;

  [[nodiscard]] std::string logged() { return log_->take(); }

 private:
  static constexpr std::array devices = {"null", "zero", "full", "random", "urandom", "tty", "pts"};

  // The devices that programs need, each the machine's own, in a folder where a socket can be put.
  void own_dev() {
    const fs::path dev = folder_ / "dev";
    fs::create_directory(dev);
    fs::create_directory(dev / "shm");
    fs::create_directory(dev / "pts");
    for (const char* name : {"null", "zero", "full", "random", "urandom", "tty"})
      std::ofstream(dev / name).close();
    for (const char* name : devices)
      if (mount(("/dev/" + std::string(name)).c_str(), (dev / name).c_str(), nullptr, MS_BIND,
                nullptr) != 0)
        throw std::runtime_error("can't take /dev/" + std::string(name));
    fs::create_symlink("pts/ptmx", dev / "ptmx");
    fs::create_symlink("/proc/self/fd", dev / "fd");
    if (mount(dev.c_str(), "/dev", nullptr, MS_BIND | MS_REC, nullptr) != 0)
      throw std::runtime_error("can't mount over /dev");
  }
  void own_run() {
    const std::string run = folder_ / "run";
    fs::create_directories(run + "/sshd");
    if (mount(run.c_str(), "/run", nullptr, MS_BIND, nullptr) != 0)
      throw std::runtime_error("can't mount over /run");
  }
  TemporaryFolder folder_;
  std::optional<Log> log_;
};

OwnEtc& etc() {
  static OwnEtc the_etc;
  return the_etc;
}

}  // namespace

std::string pam_module() {
  return fs::path(program("x")).parent_path().parent_path() / "lib/pam_countersign.so";
}

void own_etc() { (void)etc(); }

std::string logged() { return etc().logged(); }

StuckLog::StuckLog() : socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  const sockaddr_un address{.sun_family = AF_UNIX, .sun_path = "/dev/log"};
  const auto* name = reinterpret_cast<const sockaddr*>(&address);
  fs::rename("/dev/log", "/dev/log.read");
  if (bind(socket_, name, sizeof address) != 0 || chmod("/dev/log", 0666) != 0)
    throw std::runtime_error("no second /dev/log");
  const int sender = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  while (sendto(sender, "full", 4, MSG_DONTWAIT, name, sizeof address) > 0) {
  }
  (void)close(sender);
}

StuckLog::~StuckLog() {
  (void)close(socket_);
  std::error_code ignored;
  fs::rename("/dev/log.read", "/dev/log", ignored);
}

PamHouse::PamHouse(const std::string& config) : KeyHouse(config) { policy({{"mode", "required"}}); }

void PamHouse::policy(Json fields) const {
  fields["force"] = true;
  fields["dry_run"] = true;
  const Json preview = ask(daemon, "PATCH", "/v1/policies/staff", boost::json::serialize(fields));
  fields.erase("dry_run");
  fields["confirm"] = preview.at("change");
  fields["recovery"] = true;
  (void)ask(daemon, "PATCH", "/v1/policies/staff", boost::json::serialize(fields));
}

std::string PamHouse::module(const std::string& options) const {
  return pam_module() + " socket=" + daemon.socket() + " " + options;
}

std::string PamHouse::module_for_everybody(const std::string& options) const {
  const std::string copy = folder / "pam_countersign.so";
  if (!fs::exists(copy)) fs::copy_file(pam_module(), copy);
  (void)chmod(copy.c_str(), 0755);
  (void)chmod(folder.path().c_str(), 0755);
  return copy + " socket=" + daemon.socket() + " " + options;
}

void PamHouse::service(const std::string& name, const std::string& lines) const {
  write_file("/etc/pam.d/" + name, lines, 0644);
}

Ran PamHouse::pam(const std::string& user, const std::string& typed, const Items& items,
                  const std::string& operation, const std::string& name) const {
  std::vector<std::string> words = {"pamtester"};
  for (const auto& [item, value] : items) words.insert(words.end(), {"-I", item + "=" + value});
  words.insert(words.end(), {name, user, operation});
  return run(words, typed);
}

bool PamHouse::lets_in(const std::string& user, const std::string& typed,
                       const Items& items) const {
  return pam(user, typed, items).exit_code == 0;
}

Phone PamHouse::person(const std::string& login) const {
  (void)ask(daemon, "POST", "/v1/users",
            boost::json::serialize(Json{{"name", name_of(login)}, {"login", login}}));
  return enroll_totp(daemon, name_of(login));
}

}  // namespace countersign::test
