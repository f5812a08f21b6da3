// SPDX-License-Identifier: Apache-2.0
// What a machine does to the daemon: full disks, wrong clocks, restored copies, unsafe files,
// restarts.
#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "tests/e2e/support/story.h"

using namespace countersign;
using namespace countersign::test;
namespace fs = std::filesystem;

namespace {

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// A small file system of its own, in a mount namespace that only this test and its children see.
class SmallDisk {
 public:
  explicit SmallDisk(const char* options) {
    if (unshare(CLONE_NEWNS) != 0 ||
        mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("none", folder_.path().c_str(), "tmpfs", 0, options) != 0)
      throw std::runtime_error(std::string("this test needs root and the right to mount: ") +
                               std::strerror(errno));
  }
  ~SmallDisk() { (void)umount2(folder_.path().c_str(), MNT_DETACH); }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  [[nodiscard]] std::string operator/(const std::string& name) const { return folder_ / name; }
  void fill() const {
    const int fd =
        open((folder_ / "filler").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const std::string block(4096, 'x');
    for (std::size_t size = block.size(); size != 0; size /= 2)
      while (write(fd, block.data(), size) > 0) {
      }
    close(fd);
  }
  void make_room() const { fs::remove(folder_ / "filler"); }
  void read_only() const {
    if (mount("none", folder_.path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) != 0)
      throw std::runtime_error("can't remount");
  }

 private:
  TemporaryFolder folder_;
};

int limit_file_size(pid_t pid, rlim_t most) {
  const rlimit limit{.rlim_cur = most, .rlim_max = RLIM_INFINITY};
  return prlimit(pid, RLIMIT_FSIZE, &limit, nullptr);
}

std::string status_text(const DaemonProcess& daemon, const char* member) {
  return text(ask(daemon, "GET", "/v1/status"), member);
}

// While nothing can be written: denied, an error for changes, and reading goes on.
void require_nothing_is_accepted(const DaemonProcess& daemon, const Phone& phone,
                                 const std::string& code, const std::string& backup_code) {
  const Ran denied = daemon.cli({"verify", "--user", "alice", "--code", code, "--json"});
  BOOST_TEST(denied.exit_code == 1);
  BOOST_TEST(text(object_in(denied.out), "verdict") == "denied");
  BOOST_TEST(text(object_in(denied.out), "reason") == "unavailable");
  BOOST_TEST(verdict(daemon, "alice", backup_code) == "unavailable");
  BOOST_TEST(verdict(daemon, "alice", wrong_code(daemon, phone)) == "unavailable");
  BOOST_TEST(daemon.call("POST", "/v1/users", R"({"name":"bob"})").status == 503);
  const Ran refused = daemon.cli({"user", "add", "bob"});
  BOOST_TEST(refused.exit_code == 7);
  BOOST_TEST(says(refused.err, "not recorded"), refused.err);
  BOOST_TEST(daemon.cli({"user", "show", "alice"}).exit_code == 0);
  BOOST_TEST(daemon.cli({"status"}).exit_code == 0);
}

void require_recovered(const DaemonProcess& daemon, const Phone& phone, const std::string& spent,
                       const std::string& spent_backup, const std::string& other_backup) {
  BOOST_TEST(verdict(daemon, "alice", spent) !=
             "verified");  // its commit's fate was unknown: it counts as used
  BOOST_TEST(verdict(daemon, "alice", spent_backup) != "verified");
  BOOST_TEST(verdict(daemon, "alice", other_backup) == "verified");
  BOOST_TEST(verdict(daemon, "alice", fresh_code(daemon, phone)) == "verified");
  BOOST_TEST(daemon.cli({"user", "add", "bob"}).exit_code == 0);
  BOOST_TEST(told(daemon, {"audit", "verify"}).at("intact").as_bool());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(trouble)

BOOST_AUTO_TEST_CASE(T04_full_disk_denies_and_recovers) {
  const SmallDisk disk("size=4m");
  const TemporaryFolder folder;
  DaemonProcess daemon(
      {.state = disk / "state", .socket = folder / "socket", .demo = true, .more = {}});
  add_user(daemon, "alice");
  const Phone phone = enroll_totp(daemon, "alice");
  const auto backup = enroll_backup_codes(daemon, "alice");
  BOOST_TEST(verdict(daemon, "alice", fresh_code(daemon, phone)) == "verified");
  const std::string code = fresh_code(daemon, phone);
  disk.fill();
  // The log may still have room in pages that it wrote before: use it up.
  for (int i = 0;
       i < 2000 &&
       daemon.call("POST", "/v1/users", R"({"name":"filler)" + std::to_string(i) + "\"}").status ==
           200;
       ++i) {
  }
  require_nothing_is_accepted(daemon, phone, code, backup[0]);
  disk.make_room();
  require_recovered(daemon, phone, code, backup[0], backup[1]);
  BOOST_TEST(daemon.stop() == 0);
}

BOOST_AUTO_TEST_CASE(T04_a_write_that_fails_denies_and_recovers) {
  (void)std::signal(SIGXFSZ, SIG_IGN);  // the daemon inherits it: a write then fails with EFBIG
  House house;
  auto& daemon = house.daemon;
  add_user(daemon, "alice");
  const Phone phone = enroll_totp(daemon, "alice");
  const auto backup = enroll_backup_codes(daemon, "alice");
  const std::string code = fresh_code(daemon, phone);
  BOOST_REQUIRE(limit_file_size(daemon.pid(), 0) == 0);
  require_nothing_is_accepted(daemon, phone, code, backup[0]);
  BOOST_REQUIRE(limit_file_size(daemon.pid(), RLIM_INFINITY) == 0);
  require_recovered(daemon, phone, code, backup[0], backup[1]);
  BOOST_TEST(daemon.stop() == 0);
}

BOOST_AUTO_TEST_CASE(T04_a_read_only_state_is_refused_at_start) {
  const SmallDisk disk("size=4m");
  const TemporaryFolder folder;
  DaemonProcess daemon(
      {.state = disk / "state", .socket = folder / "socket", .demo = true, .more = {}});
  add_user(daemon, "alice");
  BOOST_TEST(daemon.stop() == 0);
  disk.read_only();
  const Ran refused = daemon_refuses(disk / "state", folder / "socket");
  BOOST_TEST(refused.exit_code != 0);
  BOOST_TEST(refused.exit_code < 128);
  BOOST_TEST(says(refused.err, disk / "state"), refused.err);
  const Ran no_room = daemon_refuses(disk / "other", folder / "socket");
  BOOST_TEST(no_room.exit_code != 0);
  BOOST_TEST(says(no_room.err, disk / "other"), no_room.err);
}

BOOST_AUTO_TEST_CASE(T05_a_clock_that_jumps_denies_until_accepted) {
  const House house;
  const auto& daemon = house.daemon;
  add_user(daemon, "alice");
  const Phone phone = enroll_totp(daemon, "alice");
  BOOST_TEST(verdict(daemon, "alice", fresh_code(daemon, phone)) == "verified");

  step_clock(daemon, -86'400);
  BOOST_TEST(status_text(daemon, "clock") == "behind");
  BOOST_TEST(verdict(daemon, "alice", phone.code_at(now(daemon))) == "clock");
  BOOST_TEST(verdict(daemon, "alice", phone.code_at(now(daemon) - 86'400)) == "clock");
  step_clock(daemon, 86'400);
  BOOST_TEST(status_text(daemon, "clock") == "good");
  BOOST_TEST(verdict(daemon, "alice", fresh_code(daemon, phone)) == "verified");

  const std::int64_t ten_years = 10LL * 365 * 86'400;
  const std::int64_t before = now(daemon);
  step_clock(daemon, ten_years);
  BOOST_TEST(status_text(daemon, "clock") == "ahead");
  BOOST_TEST(now(daemon) < before + 600);  // what is recorded meanwhile bears no date of the future
  BOOST_TEST(verdict(daemon, "alice", phone.code_at(before + ten_years)) == "clock");
  const Ran unsure = daemon.cli({"store", "resync"});
  BOOST_TEST(unsure.exit_code == 2);
  BOOST_TEST(says(unsure.err, "--yes"), unsure.err);
  BOOST_TEST(told(daemon, {"store", "resync", "--yes"}).at("suspended").as_int64() == 0);
  BOOST_TEST(status_text(daemon, "clock") == "good");
  BOOST_TEST(verdict(daemon, "alice", fresh_code(daemon, phone)) == "verified");
  BOOST_TEST(says(daemon.cli({"audit", "list", "--last", "5"}).out, "store.resync"));

  // Time that passes is no jump, however much it is: a machine that was off.
  advance(daemon, 400LL * 86'400);
  BOOST_TEST(status_text(daemon, "clock") == "good");
  BOOST_TEST(verdict(daemon, "alice", fresh_code(daemon, phone)) == "verified");

  // Accepted a day back: what was used stays used.
  step_clock(daemon, -86'400);
  (void)told(daemon, {"store", "resync", "--yes"});
  BOOST_TEST(status_text(daemon, "clock") == "good");
  BOOST_TEST(verdict(daemon, "alice", phone.code_at(now(daemon))) == "used-code");
  step_clock(daemon, 86'400);
  (void)told(daemon, {"store", "resync", "--yes"});
  BOOST_TEST(verdict(daemon, "alice", fresh_code(daemon, phone)) == "verified");
}

BOOST_AUTO_TEST_CASE(T05_a_clock_set_back_while_the_daemon_was_off) {
  House house;
  auto& daemon = house.daemon;
  add_user(daemon, "alice");
  const Phone phone = enroll_totp(daemon, "alice");
  advance(daemon, 86'400);
  const std::string code = fresh_code(daemon, phone);
  BOOST_TEST(verdict(daemon, "alice", code) == "verified");
  BOOST_TEST(daemon.stop() == 0);
  daemon.start();  // a day earlier, by the demo clock
  BOOST_TEST(status_text(daemon, "clock") == "behind");
  BOOST_TEST(verdict(daemon, "alice", phone.code_at(now(daemon) - 86'400)) == "clock");
  BOOST_TEST(verdict(daemon, "alice", code) == "clock");
  catch_up(daemon);
  BOOST_TEST(status_text(daemon, "clock") == "good");
  BOOST_TEST(verdict(daemon, "alice", fresh_code(daemon, phone)) == "verified");
}

BOOST_AUTO_TEST_CASE(T06_an_old_copy_of_the_store_is_noticed) {
  House house;
  auto& daemon = house.daemon;
  for (const char* name : {"alice", "bob", "carol"}) add_user(daemon, name);
  const Phone phone = enroll_totp(daemon, "alice");
  const Phone token = enroll_hotp(daemon, "bob");
  const auto backup = enroll_backup_codes(daemon, "carol");
  BOOST_TEST(daemon.stop() == 0);
  fs::copy(house.state(), house.folder / "copy", fs::copy_options::recursive);

  daemon.start();
  const std::string code = phone.code_at(now(daemon));
  const std::int64_t shown_at = now(daemon);
  BOOST_TEST(verdict(daemon, "alice", code) == "verified");
  BOOST_TEST(verdict(daemon, "bob", hotp_code(token, 0)) == "verified");
  BOOST_TEST(verdict(daemon, "carol", backup[0]) == "verified");
  BOOST_TEST(daemon.stop() == 0);

  fs::remove_all(house.state());
  fs::rename(house.folder / "copy", house.state());
  daemon.start();
  for (int start = 0; start < 2; ++start) {
    BOOST_TEST(status_text(daemon, "state") == "restored");
    BOOST_TEST(verdict(daemon, "alice", code) == "restored-store");
    BOOST_TEST(verdict(daemon, "alice", phone.code_at(shown_at + 30)) == "restored-store");
    BOOST_TEST(verdict(daemon, "bob", hotp_code(token, 0)) == "restored-store");
    BOOST_TEST(verdict(daemon, "carol", backup[0]) == "restored-store");
    daemon.kill_now();  // and a restart makes nothing good
    daemon.start();
  }
  BOOST_TEST(says(content_of(daemon.socket() + ".log"), "old copy"));
  BOOST_TEST(daemon.cli({"store", "resync"}).exit_code == 2);
  BOOST_TEST(told(daemon, {"store", "resync", "--yes"}).at("suspended").as_int64() == 2);
  BOOST_TEST(status_text(daemon, "state") == "ready");
  for (int start = 0; start < 2; ++start) {
    BOOST_TEST(verdict(daemon, "alice", code) == "used-code");
    BOOST_TEST(verdict(daemon, "bob", hotp_code(token, 1)) == "no-factor");
    BOOST_TEST(verdict(daemon, "carol", backup[1]) == "no-factor");
    daemon.kill_now();
    daemon.start();
  }
  BOOST_TEST(status_text(daemon, "state") == "ready");
  BOOST_TEST(daemon.cli({"authenticator", "resume", token.id}).exit_code == 0);
  BOOST_TEST(verdict(daemon, "bob", hotp_code(token, 1)) == "verified");
  BOOST_TEST(verdict(daemon, "alice", fresh_code(daemon, phone)) == "verified");
}

BOOST_AUTO_TEST_CASE(a_second_daemon_on_the_same_state_is_refused) {
  const House house;
  const Ran refused = daemon_refuses(house.state(), house.folder / "other", {"--demo"});
  BOOST_TEST(refused.exit_code == 6);
  BOOST_TEST(says(refused.err, house.state()), refused.err);
  BOOST_TEST(says(refused.err, std::to_string(house.daemon.pid())), refused.err);
  const Ran same_socket = daemon_refuses(house.folder / "other-state", house.daemon.socket());
  BOOST_TEST(same_socket.exit_code == 6);
  BOOST_TEST(says(same_socket.err, house.daemon.socket()), same_socket.err);
  BOOST_TEST(house.daemon.cli({"status"}).exit_code == 0);
}

BOOST_AUTO_TEST_CASE(T20_unsafe_files_are_refused_by_name) {
  House house;
  BOOST_TEST(house.daemon.stop() == 0);
  const auto refused = [&](const std::string& state, const std::string& named,
                           const std::vector<std::string>& more = {}, int exit_code = 5) {
    const Ran ran = daemon_refuses(state, house.folder / "socket", more);
    BOOST_TEST_CONTEXT(named << ran.err) {
      BOOST_TEST(ran.exit_code == exit_code);
      BOOST_TEST(says(ran.err, named), ran.err);
    }
  };
  const auto while_replaced = [&](const std::string& path, const std::function<void()>& replace,
                                  int exit_code = 5) {
    fs::rename(path, house.folder / "aside");
    replace();
    refused(house.state(), path, {}, exit_code);
    fs::remove_all(path);
    fs::rename(house.folder / "aside", path);
  };
  const auto while_mode = [&](const std::string& path, unsigned mode, unsigned before,
                              const std::vector<std::string>& more = {}) {
    (void)chmod(path.c_str(), mode);
    refused(house.state(), path, more);
    (void)chmod(path.c_str(), before);
  };

  fs::create_directory_symlink(house.state(), house.folder / "link");
  refused(house.folder / "link", house.folder / "link");
  (void)mkfifo((house.folder / "pipe").c_str(), 0600);
  refused(house.folder / "pipe", house.folder / "pipe");
  while_mode(house.state(), 0777, 0700);
  while_mode(house.state(), 0750, 0700);

  const std::string key = house.state() + ".key";
  const std::string epoch = house.state() + ".epoch";
  for (const std::string& file : {key, house.database(), epoch}) {
    while_replaced(file, [&] { fs::create_symlink(house.folder / "aside", file); });
    while_replaced(file, [&] { (void)mkfifo(file.c_str(), 0600); });
    while_mode(file, 0644, 0600);
    while_mode(file, 0606, 0600);
  }
  while_replaced(key, [] {}, 6);  // gone
  while_replaced(key, [&] { write_file(key, "too short"); }, 2);
  (void)!chown(key.c_str(), 65534, 65534);
  refused(house.state(), key);
  (void)!chown(key.c_str(), geteuid(), getegid());

  const std::string config = house.config_file();
  const std::vector<std::string> with_config = {"--config", config};
  while_mode(config, 0666, 0600, with_config);
  fs::create_symlink(config, house.folder / "config-link");
  refused(house.state(), house.folder / "config-link", {"--config", house.folder / "config-link"});
  refused(house.state(), house.folder / "pipe", {"--config", house.folder / "pipe"});
  refused(house.state(), house.folder / "nowhere.toml", {"--config", house.folder / "nowhere.toml"},
          6);
  fs::create_directory(config + ".d");
  write_file(config + ".d/10-loose.toml", "issuer = \"X\"\n", 0622);
  refused(house.state(), config + ".d/10-loose.toml", with_config);
  fs::remove_all(config + ".d");

  house.daemon.start();  // and as it was, it starts
}

BOOST_AUTO_TEST_CASE(T50_a_store_is_demo_or_production_for_good) {
  House house({}, false);
  BOOST_TEST(status_text(house.daemon, "store") == "production");
  BOOST_TEST(house.daemon.call("PUT", "/v1/demo/clock", R"({"advance":1})").status == 404);
  BOOST_TEST(house.daemon.stop() == 0);
  const Ran refused = daemon_refuses(house.state(), house.folder / "socket", {"--demo"});
  BOOST_TEST(refused.exit_code == 2);
  BOOST_TEST(says(refused.err, house.state() + " is a production store"), refused.err);
  Ran edited = run({"sqlite3", house.database(), "UPDATE meta SET kind = 3 - kind"});
  BOOST_TEST(edited.exit_code != 0);
  BOOST_TEST(says(edited.err, "for good"), edited.err);

  // A demo store's copy under the production store's epoch and key.
  House demo;
  BOOST_TEST(demo.daemon.stop() == 0);
  fs::rename(house.state(), house.folder / "production");
  fs::copy(demo.state(), house.state(), fs::copy_options::recursive);
  const Ran swapped = daemon_refuses(house.state(), house.folder / "socket");
  BOOST_TEST(swapped.exit_code != 0);
  BOOST_TEST(says(swapped.err, house.state()), swapped.err);
  fs::copy_file(demo.state() + ".key", house.state() + ".key",
                fs::copy_options::overwrite_existing);
  const Ran with_its_key = daemon_refuses(house.state(), house.folder / "socket");
  BOOST_TEST(with_its_key.exit_code == 2);
  BOOST_TEST(says(with_its_key.err, "for good"), with_its_key.err);
}

BOOST_AUTO_TEST_CASE(a_wrong_configuration_names_file_line_and_key) {
  const TemporaryFolder folder;
  const std::string file = folder / "countersign.toml";
  const auto refused = [&](const std::string& content, int line, const std::string& word) {
    write_file(file, content);
    const std::string place = file + ":" + std::to_string(line) + ": ";
    for (const Ran& ran : {daemon_refuses(folder / "state", folder / "socket", {"--config", file}),
                           run({program("countersign"), "config", "check", file})})
      BOOST_TEST_CONTEXT(content << "→ " << ran.err) {
        BOOST_TEST(ran.exit_code == 2);
        BOOST_TEST(says(ran.err, place));
        BOOST_TEST(says(ran.err, word));
      }
  };
  refused("issuer = \"X\"\nisuer = \"Y\"\n", 2, "isuer");
  refused("\n\n[totp]\nsteps_back = \"one\"\n", 4, "totp.steps_back");
  refused("[totp]\nsteps_back = 99\n", 2, "totp.steps_back");
  refused("[throttle]\nfree_failures = 10\nfree_failure = 10\n", 3, "throttle.free_failure");
  refused("issuer = 3\n", 1, "issuer");
  refused("issuer = \"Example: the company\"\n", 1, "colon");  // or every enrolment would fail
  refused("issuer = \"X\"\n[totp\n", 2, "");
  refused("[[verifier]]\nname = \"web\"\nuser = \"no-such-account\"\nservices = [\"web\"]\n", 3,
          "verifier.user");
  refused("[[verifier]]\nname = \"web\"\nuser = 65534\n", 1, "verifier");
  refused("[piv]\npolicies = [\"1.3.6.1.4.1.99999.1\", \"hardware\"]\n", 2, "piv.policies");
  refused("[piv]\nextended_key_usages = [\"smartcard\"]\n", 2, "piv.extended_key_usages");
  BOOST_TEST(!fs::exists(folder / "state"));

  write_file(file, "issuer = \"X\"\n[totp]\nsteps_back = 2\n");
  BOOST_TEST(run({program("countersign"), "config", "check", file}).exit_code == 0);
  fs::create_directory(file + ".d");
  write_file(file + ".d/20.toml", "\nwhat = 1\n");
  const Ran drop_in = run({program("countersign"), "config", "check", file});
  BOOST_TEST(drop_in.exit_code == 2);
  BOOST_TEST(says(drop_in.err, file + ".d/20.toml:2: what"), drop_in.err);
}

BOOST_AUTO_TEST_CASE(T22_a_configuration_that_no_browser_can_meet_is_refused) {
  const TemporaryFolder folder;
  const std::string file = folder / "countersign.toml";
  const auto refused = [&](const std::string& content, const std::string& word) {
    write_file(file, content);
    for (const Ran& ran : {daemon_refuses(folder / "state", folder / "socket", {"--config", file}),
                           run({program("countersign"), "config", "check", file})})
      BOOST_TEST_CONTEXT(content << "→ " << ran.err) {
        BOOST_TEST(ran.exit_code == 2);
        BOOST_TEST(says(ran.err, file));
        BOOST_TEST(says(ran.err, word));
      }
    BOOST_TEST(!fs::exists(folder / "state"));
  };
  const std::string rp = "[fido2]\nrp_id = \"example.org\"\n";
  for (const char* origin :
       {"https://login.example.org/", "https://LOGIN.example.org", "https://login.example.org:443",
        "login.example.org", "http://login.example.org"})
    refused(rp + "origins = [\"https://example.org\", \"" + origin + "\"]\n",
            "\"https://login.example.org\"");
  refused(rp + "origins = [\"https://other.example.net\"]\n", "outside of the rp_id example.org");
  refused("[fido2]\norigins = [\"https://192.0.2.7\"]\n", "IP address");
  refused("[fido2]\nrp_id = \"192.0.2.7\"\n", "IP address");
  refused("[fido2]\nrp_id = \"https://example.org\"\n", "\"example.org\"");

  // The rp_id that an origin must lie in may be a drop-in's, or this host's name, where no store is
  // made.
  fs::create_directory(file + ".d");
  write_file(file + ".d/name.toml", "[fido2]\nrp_id = \"example.net\"\n");
  refused("[fido2]\norigins = [\"https://example.org\"]\n", "outside of the rp_id example.net");
  fs::remove_all(file + ".d");
  const Ran unnamed =
      daemon_refuses(folder / "state", folder / "socket", {"--demo", "--config", file});
  BOOST_TEST(unnamed.exit_code == 2);
  BOOST_TEST(says(unnamed.err, "Set rp_id"), unnamed.err);
  BOOST_TEST(!fs::exists(folder / "state"));

  write_file(file, rp + "origins = [\"https://login.example.org:8443\", "
                        "\"android:apk-key-hash:lhCF3vKVXc3EpJSw\"]\n");
  BOOST_TEST(run({program("countersign"), "config", "check", file}).exit_code == 0);
}

BOOST_AUTO_TEST_CASE(T20_drop_ins_that_others_may_write_are_refused) {
  const TemporaryFolder folder;
  const std::string file = folder / "countersign.toml";
  const std::string more = file + ".d";
  write_file(file, "issuer = \"X\"\n");
  fs::create_directory(more);
  write_file(more + "/10.toml", "issuer = \"Y\"\n");
  const auto check = [&] { return run({program("countersign"), "config", "check", file}); };
  const auto refused = [&](const std::string& path, const std::string& word) {
    for (const Ran& ran :
         {check(), daemon_refuses(folder / "state", folder / "socket", {"--config", file})})
      BOOST_TEST_CONTEXT(ran.err) {
        BOOST_TEST(ran.exit_code == 5);
        BOOST_TEST(says(ran.err, path));
        BOOST_TEST(says(ran.err, word));
      }
  };
  BOOST_TEST(check().exit_code == 0);
  for (const auto& path : {more, more + "/10.toml"}) {
    const auto before = fs::status(path).permissions();
    for (const auto more_rights : {fs::perms::others_write, fs::perms::group_write}) {
      fs::permissions(path, before | more_rights);
      refused(path, "chmod go-w");
    }
    fs::permissions(path, before);
    if (::geteuid() != 0) continue;
    BOOST_REQUIRE(::chown(path.c_str(), 65534, 65534) == 0);
    refused(path, "belongs to uid 65534");
    BOOST_REQUIRE(::chown(path.c_str(), 0, 0) == 0);
  }
  fs::rename(more, folder / "elsewhere");
  fs::create_directory_symlink(folder / "elsewhere", more);
  refused(more, "symbolic link");
  fs::remove(more);
  write_file(more, "");
  refused(more, "not a folder");
}

BOOST_AUTO_TEST_CASE(SIGTERM_answers_what_is_in_flight_and_ends_with_0) {
  House house;
  auto& daemon = house.daemon;
  add_user(daemon, "alice");
  const auto backup = enroll_backup_codes(daemon, "alice");
  std::vector<Socket> sockets;
  for (int i = 0; i < 12; ++i) {
    sockets.emplace_back(daemon.socket());
    BOOST_TEST(sockets.back().send(
        request("POST", "/v1/verifications",
                verification("alice", backup[static_cast<std::size_t>(i) % 10]))));
  }
  // Connections are served in their order: when this one is answered, the slow ones before it are
  // being worked on.
  (void)ask(daemon, "GET", "/v1/status");
  BOOST_TEST(daemon.stop() == 0);
  int verified = 0;
  for (const Socket& socket : sockets) {
    const std::string answer = socket.receive_all();
    BOOST_TEST(answer.starts_with("HTTP/1.1 200"), answer);
    verified += says(answer, "\"verified\"") ? 1 : 0;
  }
  BOOST_TEST(verified == 10);
  daemon.start();
  for (const std::string& code : backup) BOOST_TEST(verdict(daemon, "alice", code) != "verified");
}

BOOST_AUTO_TEST_CASE(systemd_is_told_when_it_is_ready) {
  const TemporaryFolder folder;
  const int listening = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{.sun_family = AF_UNIX};
  (folder / "notify").copy(address.sun_path, sizeof address.sun_path - 1);
  BOOST_REQUIRE(bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  const timeval patience{.tv_sec = 20, .tv_usec = 0};
  (void)setsockopt(listening, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const auto message = [&] {
    char text[256];
    const ssize_t size = recv(listening, text, sizeof text, 0);
    return std::string(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  };
  (void)setenv("NOTIFY_SOCKET", (folder / "notify").c_str(), 1);
  House house;
  BOOST_TEST(message() == "READY=1");
  BOOST_TEST(house.daemon.stop() == 0);
  BOOST_TEST(message() == "STOPPING=1");
  // And that it goes on, as often as systemd wants to know (WatchdogSec=).
  (void)setenv("WATCHDOG_USEC", "300000", 1);
  house.daemon.start();
  (void)unsetenv("WATCHDOG_USEC");
  (void)unsetenv("NOTIFY_SOCKET");
  BOOST_TEST(message() == "READY=1");
  for (int i = 0; i < 3; ++i) BOOST_TEST(message() == "WATCHDOG=1");
  BOOST_TEST(house.daemon.stop() == 0);
  close(listening);
  BOOST_TEST(
      says(content_of(house.daemon.socket() + ".log"), "is ready at " + house.daemon.socket()));
}

BOOST_AUTO_TEST_CASE(a_socket_that_systemd_hands_over_is_served) {
  const TemporaryFolder folder;
  const std::string path = folder / "activated";
  const int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{.sun_family = AF_UNIX};
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  BOOST_REQUIRE(bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  BOOST_REQUIRE(listen(listening, 8) == 0);
  const std::string daemon = program("countersignd");
  const std::string state = folder / "state";
  const std::string other = folder / "other";
  const pid_t child = fork();
  if (child == 0) {
    (void)dup2(listening, 3);
    (void)fcntl(3, F_SETFD, 0);
    (void)setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
    (void)setenv("LISTEN_FDS", "1", 1);
    execl(daemon.c_str(), daemon.c_str(), "--state", state.c_str(), "--socket", other.c_str(),
          nullptr);
    _exit(127);
  }
  close(listening);
  auto connection = client::Client::connect(path);
  BOOST_REQUIRE(connection.has_value());
  const auto answer =
      connection->call("GET", "/v1/status", {}, Deadline::in(std::chrono::seconds(30)));
  BOOST_REQUIRE(answer.has_value());
  BOOST_TEST(answer->status == 200);
  BOOST_TEST(!fs::exists(other));
  (void)kill(child, SIGTERM);
  int status = -1;
  (void)waitpid(child, &status, 0);
  BOOST_TEST(status == 0);
}

BOOST_AUTO_TEST_SUITE_END()
