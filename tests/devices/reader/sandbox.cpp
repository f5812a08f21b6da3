// SPDX-License-Identifier: Apache-2.0
#include "devices/reader/sandbox.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <csignal>
#include <string>
#include <thread>

#include "core/base/process_limits.h"

using countersign::reader::Work;

namespace {

constexpr int done = 40;
constexpr int refused = 41;
constexpr int no_sandbox = 42;

// How a child ends that enters the sandbox and then does this.
template <class Action>
int status_after(Work work, Action action) {
  const pid_t child = fork();
  if (child == 0) {
    if (!countersign::reader::limit_process()) _exit(no_sandbox);
    countersign::reader::forbid_writing();
    if (!countersign::reader::enter_sandbox(work)) _exit(no_sandbox);
    _exit(action() ? done : refused);
  }
  int status = 0;
  BOOST_REQUIRE(waitpid(child, &status, 0) == child);
  return status;
}

bool ended(int status, int code) { return WIFEXITED(status) && WEXITSTATUS(status) == code; }
bool killed(int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS; }

bool opens(const char* path, int flags) { return open(path, flags | O_CLOEXEC, 0600) >= 0; }

}  // namespace

BOOST_AUTO_TEST_SUITE(sandbox, *boost::unit_test::enable_if<!countersign::built_with_sanitizer>())

BOOST_AUTO_TEST_CASE(nothing_is_written_or_made) {
  for (const Work work : {Work::watch, Work::open, Work::operate}) {
    for (const int flags : {O_WRONLY, O_WRONLY | O_CREAT, O_RDONLY | O_CREAT, O_RDWR | O_CREAT,
                            O_RDONLY | O_TRUNC, O_RDWR | O_TMPFILE})
      BOOST_TEST(ended(status_after(work,
                                    [flags] {
                                      return opens("/tmp", flags) ||
                                             opens("/tmp/countersign-sandbox-test", flags);
                                    }),
                       refused));
    BOOST_TEST(
        ended(status_after(work, [] { return mkdir("/tmp/countersign-sandbox-test", 0700) == 0; }),
              refused));
    BOOST_TEST(ended(
        status_after(
            work, [] { return unlink("/tmp/countersign-sandbox-none") == 0 || errno != EACCES; }),
        refused));
    BOOST_TEST(ended(status_after(work, [] { return chmod("/tmp", 0777) == 0; }), refused));
  }
}

// Landlock, where the kernel has it.
BOOST_AUTO_TEST_CASE(only_nodes_are_opened_for_writing) {
  char path[] = "/tmp/countersign-sandbox-XXXXXX";
  const int file = mkstemp(path);
  BOOST_REQUIRE(file >= 0);
  close(file);
  const bool has_landlock =
      syscall(SYS_landlock_create_ruleset, nullptr, 0, 1 /* which version? */) > 0;
  BOOST_TEST(ended(status_after(Work::open, [&path] { return opens(path, O_RDWR); }),
                   has_landlock ? refused : done));
  BOOST_TEST(ended(status_after(Work::open, [&path] { return opens(path, O_RDONLY); }), done));
  unlink(path);
}

BOOST_AUTO_TEST_CASE(each_opens_what_it_needs) {
  BOOST_TEST(
      ended(status_after(Work::watch, [] { return opens("/proc/self/status", O_RDONLY); }), done));
  BOOST_TEST(ended(status_after(Work::watch, [] { return opens("/dev/null", O_RDWR); }), refused));
  BOOST_TEST(ended(status_after(Work::open, [] { return opens("/dev/null", O_RDWR); }), done));
  BOOST_TEST(ended(status_after(Work::operate, [] { return opens("/proc/self/status", O_RDONLY); }),
                   refused));
  BOOST_TEST(
      ended(status_after(Work::operate, [] { return opens("/dev/null", O_RDWR); }), refused));
}

BOOST_AUTO_TEST_CASE(no_program_and_no_process_is_started) {
  for (const Work work : {Work::watch, Work::open, Work::operate}) {
    BOOST_TEST(killed(status_after(work, [] { return execl("/bin/true", "true", nullptr) == 0; })));
    BOOST_TEST(killed(status_after(work, [] { return fork() >= 0; })));
    BOOST_TEST(killed(status_after(work, [] { return syscall(SYS_clone3, nullptr, 0) >= 0; })));
    BOOST_TEST(killed(status_after(work, [] { return syscall(SYS_ptrace, 0, 0, 0, 0) == 0; })));
    BOOST_TEST(ended(status_after(work, [] { return kill(getppid(), 0) == 0; }), refused));
    BOOST_TEST(ended(status_after(work,
                                  [] {
                                    return mmap(nullptr, 4096, PROT_READ | PROT_EXEC,
                                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
                                  }),
                     refused));
  }
}

BOOST_AUTO_TEST_CASE(no_network) {
  for (const Work work : {Work::watch, Work::open, Work::operate})
    for (const int family : {AF_INET, AF_INET6, AF_PACKET, AF_VSOCK})
      BOOST_TEST(
          killed(status_after(work, [family] { return socket(family, SOCK_STREAM, 0) >= 0; })));
  BOOST_TEST(killed(status_after(
      Work::watch, [] { return socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT) >= 0; })));
  BOOST_TEST(
      killed(status_after(Work::watch, [] { return socket(AF_UNIX, SOCK_STREAM, 0) >= 0; })));
  BOOST_TEST(
      ended(status_after(Work::open, [] { return socket(AF_UNIX, SOCK_STREAM, 0) >= 0; }), done));
  BOOST_TEST(
      killed(status_after(Work::operate, [] { return socket(AF_UNIX, SOCK_STREAM, 0) >= 0; })));
}

BOOST_AUTO_TEST_CASE(the_filter_holds_for_a_thread_that_was_there) {
  const int status = [] {
    const pid_t child = fork();
    if (child == 0) {
      int go[2];
      if (pipe(go) != 0) _exit(no_sandbox);
      std::thread worker([&go] {
        char octet = 0;
        (void)!read(go[0], &octet, 1);
        (void)socket(AF_INET, SOCK_STREAM, 0);
        _exit(done);
      });
      if (!countersign::reader::limit_process() ||
          !countersign::reader::enter_sandbox(Work::operate))
        _exit(no_sandbox);
      (void)!write(go[1], "x", 1);
      worker.join();
      _exit(done);
    }
    int ended_as = 0;
    BOOST_REQUIRE(waitpid(child, &ended_as, 0) == child);
    return ended_as;
  }();
  BOOST_TEST(killed(status));
}

BOOST_AUTO_TEST_CASE(after_opening_comes_less) {
  BOOST_TEST(ended(status_after(Work::open,
                                [] {
                                  return countersign::reader::enter_sandbox(Work::operate) &&
                                         !opens("/dev/null", O_RDONLY);
                                }),
                   done));
  BOOST_TEST(killed(status_after(
      Work::operate, [] { return countersign::reader::enter_sandbox(Work::open); })));  // for good
}

// All children of the reader have one uid. None may look into another, which may have another
// token's PIN.
BOOST_AUTO_TEST_CASE(T49_a_child_sees_nothing_of_its_siblings) {
  BOOST_REQUIRE_MESSAGE(geteuid() == 0, "needs root, to become another user");
  constexpr uid_t readers = 65'534;
  static char pin[] = "135790-of-another-token";
  const auto become = [] {
    return setresgid(readers, readers, readers) == 0 && setresuid(readers, readers, readers) == 0 &&
           prctl(PR_SET_DUMPABLE, 1) == 0;
  };
  int ready[2];
  BOOST_REQUIRE(pipe(ready) == 0);
  const pid_t sibling = fork();
  if (sibling == 0) {
    if (!become() || !countersign::reader::limit_process()) _exit(no_sandbox);
    (void)!write(ready[1], "x", 1);
    pause();
    _exit(done);
  }
  char octet = 0;
  BOOST_REQUIRE(read(ready[0], &octet, 1) == 1);
  const pid_t looker = fork();
  if (looker == 0) {
    if (!become()) _exit(no_sandbox);
    const std::string place = "/proc/" + std::to_string(sibling) + "/";
    const bool opened = open((place + "mem").c_str(), O_RDONLY) >= 0 ||
                        open((place + "fd/1").c_str(), O_RDONLY) >= 0;
    char copy[sizeof pin] = {};
    iovec here{copy, sizeof copy}, there{pin, sizeof pin};
    const bool copied = process_vm_readv(sibling, &here, 1, &there, 1, 0) > 0;
    const bool attached = ptrace(PTRACE_SEIZE, sibling, 0, 0) == 0;
    _exit(opened || copied || attached ? done : refused);
  }
  int status = 0;
  BOOST_REQUIRE(waitpid(looker, &status, 0) == looker);
  BOOST_TEST(ended(status, refused));
  kill(sibling, SIGKILL);
  BOOST_REQUIRE(waitpid(sibling, &status, 0) == sibling);
  close(ready[0]);
  close(ready[1]);
  // And in the sandbox of a child these calls end it.
  for (const Work work : {Work::open, Work::operate}) {
    BOOST_TEST(
        killed(status_after(work, [] { return ptrace(PTRACE_SEIZE, getppid(), 0, 0) == 0; })));
    BOOST_TEST(killed(status_after(work, [] {
      iovec any{pin, sizeof pin};
      return process_vm_readv(getpid(), &any, 1, &any, 1, 0) > 0;
    })));
  }
}

BOOST_AUTO_TEST_CASE(T38_memory_is_bounded_and_not_dumped) {
  BOOST_TEST(ended(status_after(Work::operate,
                                [] {
                                  return mmap(nullptr, 512U << 20U, PROT_READ | PROT_WRITE,
                                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
                                }),
                   refused));
  const pid_t child = fork();
  if (child == 0) {
    rlimit core{};
    const bool held = countersign::reader::limit_process() && prctl(PR_GET_DUMPABLE) == 0 &&
                      getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0 &&
                      prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
    _exit(held ? done : refused);
  }
  int status = 0;
  BOOST_REQUIRE(waitpid(child, &status, 0) == child);
  BOOST_TEST(ended(status, done));
}

BOOST_AUTO_TEST_SUITE_END()
