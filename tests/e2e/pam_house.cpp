// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/pam_house.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace countersign::test {
namespace {

namespace fs = std::filesystem;

void add_unix_user(const std::string& name, int uid) {
  std::string hash = tool({"openssl", "passwd", "-6", "-salt", "countersign", name + "'s password"});
  hash.erase(hash.find('\n'));
  const std::string number = std::to_string(uid);
  std::ofstream("/etc/passwd", std::ios::app) << name << ":x:" << number << ":" << number << "::/:/bin/sh\n";
  std::ofstream("/etc/group", std::ios::app) << name << ":x:" << number << ":\n";
  std::ofstream("/etc/shadow", std::ios::app) << name << ":" << hash << ":19000:0:99999:7:::\n";
}

// Mounted over: a folder that only this process and its children see, and that is gone with them.
class OwnEtc {
 public:
  OwnEtc() {
    const std::string copy = folder_ / "etc";
    if (unshare(CLONE_NEWNS) != 0 || mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) throw std::runtime_error("these tests need root: they mount over /etc");
    (void)tool({"cp", "-a", "/etc", copy});
    if (mount(copy.c_str(), "/etc", nullptr, MS_BIND, nullptr) != 0) throw std::runtime_error("can't mount over /etc");
    for (const auto& each : fs::directory_iterator("/etc/pam.d")) fs::remove_all(each.path());
    std::ofstream("/etc/pam.d/other") << "auth required pam_deny.so\naccount required pam_deny.so\nsession required pam_deny.so\n";
    add_unix_user("alice", 61001);
    add_unix_user("bob", 61002);
    own_dev();
    listen();
  }
  ~OwnEtc() {
    (void)umount2("/etc", MNT_DETACH);
    (void)umount2("/dev", MNT_DETACH);
    (void)close(log_);
  }
  OwnEtc(const OwnEtc&) = delete;
  OwnEtc& operator=(const OwnEtc&) = delete;

  [[nodiscard]] int log() const { return log_; }

 private:
  // The devices that programs need, each the machine's own, in a folder where a socket can be put.
  void own_dev() {
    const fs::path dev = folder_ / "dev";
    fs::create_directory(dev);
    for (const char* name : {"null", "zero", "full", "random", "urandom", "tty"}) {
      std::ofstream(dev / name).close();
      if (mount(("/dev/" + std::string(name)).c_str(), (dev / name).c_str(), nullptr, MS_BIND, nullptr) != 0) throw std::runtime_error("can't take /dev/" + std::string(name));
    }
    for (const char* name : {"pts", "shm"}) {
      fs::create_directory(dev / name);
      if (mount(("/dev/" + std::string(name)).c_str(), (dev / name).c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0) throw std::runtime_error("can't take /dev/" + std::string(name));
    }
    fs::create_symlink("pts/ptmx", dev / "ptmx");
    fs::create_symlink("/proc/self/fd", dev / "fd");
    if (mount(dev.c_str(), "/dev", nullptr, MS_BIND | MS_REC, nullptr) != 0) throw std::runtime_error("can't mount over /dev");
  }
  void listen() {
    log_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = "/dev/log"};
    if (bind(log_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || chmod("/dev/log", 0666) != 0) throw std::runtime_error("no /dev/log");
  }
  TemporaryFolder folder_;
  int log_ = -1;
};

const OwnEtc& etc() {
  static const OwnEtc the_etc;
  return the_etc;
}

}  // namespace

std::string pam_module() { return fs::path(program("x")).parent_path().parent_path() / "lib/pam_countersign.so"; }

void own_etc() { (void)etc(); }

std::string logged() {
  std::string lines;
  char line[8192];
  for (ssize_t size = 0; (size = recv(etc().log(), line, sizeof line, 0)) > 0;) lines.append(line, static_cast<std::size_t>(size)) += '\n';
  return lines;
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

std::string PamHouse::module(const std::string& options) const { return pam_module() + " socket=" + daemon.socket() + " " + options; }

void PamHouse::service(const std::string& name, const std::string& lines) const { write_file("/etc/pam.d/" + name, lines, 0644); }

Ran PamHouse::pam(const std::string& user, const std::string& typed, const Items& items, const std::string& operation, const std::string& name) const {
  std::vector<std::string> words = {"pamtester"};
  for (const auto& [item, value] : items) words.insert(words.end(), {"-I", item + "=" + value});
  words.insert(words.end(), {name, user, operation});
  return run(words, typed);
}

bool PamHouse::lets_in(const std::string& user, const std::string& typed, const Items& items) const { return pam(user, typed, items).exit_code == 0; }

Phone PamHouse::person(const std::string& login) const {
  (void)ask(daemon, "POST", "/v1/users", boost::json::serialize(Json{{"name", name_of(login)}, {"login", login}}));
  return enroll_totp(daemon, name_of(login));
}

}  // namespace countersign::test
