// SPDX-License-Identifier: Apache-2.0
// T46: who sits at this machine, by what a session manager says of processes. Its files and control
// groups are made here, in a mount namespace of the test's own; libsystemd reads them.
#include "daemon/tokens/here.h"

#include <fmt/format.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

using namespace countersign;

namespace {

namespace fs = std::filesystem;

void must_do(bool done, const std::string& what) {
  if (!done)
    throw std::runtime_error(what + ": " + std::strerror(errno) + " (this test needs root)");
}

void write(const fs::path& path, const std::string& text) {
  std::ofstream file(path);
  must_do(static_cast<bool>(file << text << std::flush), path);
}

void enter_namespace() {
  static bool entered = false;
  if (entered) return;
  must_do(::unshare(CLONE_NEWNS) == 0, "a mount namespace");
  must_do(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "private mounts");
  fs::create_directories("/run/systemd");
  must_do(::mount("tmpfs", "/run/systemd", "tmpfs", 0, "mode=0755") == 0, "/run/systemd");
  must_do(::mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, nullptr) == 0, "/sys/fs/cgroup");
  entered = true;
}

// A machine that systemd runs, with its session manager.
struct Machine {
  Machine() {
    enter_namespace();
    for (const char* folder : {"system", "seats", "sessions"})
      fs::create_directories(fs::path("/run/systemd") / folder);
  }
  ~Machine() {
    for (const char* folder : {"system", "seats", "sessions"})
      fs::remove_all(fs::path("/run/systemd") / folder);
  }
};

// A process in a login session.
class Member {
 public:
  explicit Member(const std::string& facts) : name_(fmt::format("countersign{}", ::getpid())) {
    fs::create_directories(group());
    write("/run/systemd/sessions/" + name_, facts);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::pause();
      ::_exit(0);
    }
    write(group() / "cgroup.procs", std::to_string(pid_));
  }
  ~Member() {
    ::kill(pid_, SIGKILL);
    (void)::waitpid(pid_, nullptr, 0);
    std::error_code ignored;
    fs::remove(group(), ignored);
    fs::remove(group().parent_path(), ignored);
  }
  Member(const Member&) = delete;
  [[nodiscard]] std::shared_ptr<const http::Process> process() const {
    return http::Process::of_pid(static_cast<std::uint32_t>(pid_));
  }
  // Ended, but not waited for: its number is still its own, so nobody else can have it while the
  // test looks.
  void stop() const {
    ::kill(pid_, SIGKILL);
    siginfo_t ended{};
    must_do(::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOWAIT) == 0,
            "waiting for a process");
  }
  [[nodiscard]] const std::string& session() const { return name_; }

 private:
  [[nodiscard]] fs::path group() const {
    return fs::path("/sys/fs/cgroup/user.slice") / fmt::format("session-{}.scope", name_);
  }
  std::string name_;
  pid_t pid_ = -1;
};

constexpr const char* at_the_seat =
    "UID=1000\nUSER=alice\nACTIVE=1\nSTATE=active\nREMOTE=0\nSEAT=seat0\nTTY=tty1\n";
constexpr const char* over_ssh =
    "UID=1000\nUSER=alice\nACTIVE=1\nSTATE=active\nREMOTE=1\nREMOTE_HOST=203.0.113.9\nTTY=pts/0\n";
constexpr const char* switched_away =
    "UID=1000\nUSER=alice\nACTIVE=0\nSTATE=online\nREMOTE=0\nSEAT=seat0\nTTY=tty2\n";
constexpr const char* without_seat = "UID=1000\nUSER=alice\nACTIVE=1\nSTATE=active\nREMOTE=0\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(here)

BOOST_AUTO_TEST_CASE(T46_the_active_session_at_a_seat_is_here) {
  const Machine machine;
  const Member member(at_the_seat);
  BOOST_TEST(tokens::is_here(member.process().get(), {}));
  BOOST_TEST(!tokens::is_elsewhere(member.process().get()));
  BOOST_TEST(tokens::local_session(member.process().get()) == member.session());
}

BOOST_AUTO_TEST_CASE(T46_a_session_over_ssh_is_elsewhere_whatever_is_claimed_for_it) {
  const Machine machine;
  const Member member(over_ssh);
  BOOST_TEST(!tokens::is_here(member.process().get(), {}));
  BOOST_TEST(tokens::is_elsewhere(member.process().get()));
  BOOST_TEST(tokens::local_session(member.process().get()).empty());
}

BOOST_AUTO_TEST_CASE(T46_neither_who_is_switched_away_nor_who_has_no_seat_is_here) {
  const Machine machine;
  for (const char* facts : {switched_away, without_seat}) {
    const Member member(facts);
    BOOST_TEST(!tokens::is_here(member.process().get(), {}), facts);
    BOOST_TEST(!tokens::is_elsewhere(member.process().get()), facts);
  }
}

BOOST_AUTO_TEST_CASE(T46_a_session_of_which_nothing_can_be_told_is_elsewhere) {
  const Machine machine;
  const Member member("");
  BOOST_TEST(!tokens::is_here(member.process().get(), {}));
  fs::remove("/run/systemd/sessions/" + member.session());
  BOOST_TEST(!tokens::is_here(member.process().get(), {}));
  BOOST_TEST(tokens::is_elsewhere(member.process().get()));
}

// A number that came round would have a stranger answer for the caller: what it says counts only
// while the caller runs.
BOOST_AUTO_TEST_CASE(T46_who_has_ended_is_nowhere_whoever_has_the_number_now) {
  const Machine machine;
  const Member member(at_the_seat);
  const auto caller = member.process();
  BOOST_TEST(tokens::is_here(caller.get(), {}));
  BOOST_TEST(tokens::session_of(caller.get()) == member.session());
  member.stop();  // still in its control group, with its number, until somebody waits for it
  BOOST_TEST(!tokens::is_here(caller.get(), {}));
  BOOST_TEST(tokens::is_elsewhere(caller.get()));
  BOOST_TEST(tokens::local_session(caller.get()).empty());
  BOOST_TEST(tokens::session_of(caller.get()).empty());
}

BOOST_AUTO_TEST_CASE(T46_who_came_over_tcp_or_from_another_namespace_is_not_here) {
  const Machine machine;
  for (const auto& caller : {std::shared_ptr<const http::Process>(), http::Process::of_pid(0)}) {
    BOOST_TEST(!tokens::is_here(caller.get(), {}));
    BOOST_TEST(tokens::is_elsewhere(caller.get()));
    BOOST_TEST(tokens::local_session(caller.get()).empty());
  }
}

BOOST_AUTO_TEST_CASE(T46_the_process_of_a_socket_is_the_one_that_connected_it) {
  int ends[2];
  must_do(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "a socket");
  const auto peer = http::Process::of_peer(ends[0], static_cast<std::uint32_t>(::getpid()));
  BOOST_TEST(peer->running());
  ::close(ends[0]);
  ::close(ends[1]);
}

BOOST_AUTO_TEST_CASE(T46_a_process_of_no_session_is_not_here_and_not_elsewhere) {
  const Machine machine;
  const auto process = http::Process::of_pid(static_cast<std::uint32_t>(::getpid()));
  const http::Process* const self = process.get();
  BOOST_TEST(!tokens::is_here(self, {}));
  BOOST_TEST(!tokens::is_here(
      self, {.demo_store = true}));  // there is a session manager: nothing is assumed
  BOOST_TEST(!tokens::is_elsewhere(self));
}

BOOST_AUTO_TEST_CASE(
    T46_without_a_session_manager_only_a_demo_store_or_the_configuration_says_here) {
  enter_namespace();
  const auto process = http::Process::of_pid(static_cast<std::uint32_t>(::getpid()));
  const http::Process* const self = process.get();
  BOOST_TEST(!tokens::is_here(self, {}));
  BOOST_TEST(tokens::is_here(self, {.demo_store = true}));
  BOOST_TEST(tokens::is_here(self, {.always = true}));
  BOOST_TEST(!tokens::is_elsewhere(self));
}

BOOST_AUTO_TEST_SUITE_END()
