// SPDX-License-Identifier: Apache-2.0
#include "cli/import/sandbox.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <boost/test/unit_test.hpp>

#include <cerrno>
#include <csignal>
#include <string>

#include "core/base/process_limits.h"

namespace {

constexpr int refused = 42;

// How a child ends that enters the sandbox and then does this: its wait status.
template <class Before, class Action>
int status_after(Before before, Action action) {
  const pid_t child = fork();
  if (child == 0) {
    before();
    _exit(countersign::import::enter_sandbox() ? action() : 99);
  }
  int status = 0;
  BOOST_REQUIRE(waitpid(child, &status, 0) == child);
  return status;
}

template <class Action>
int status_after(Action action) {
  return status_after([] {}, action);
}

bool killed(int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS; }

}  // namespace

BOOST_AUTO_TEST_SUITE(sandbox, *boost::unit_test::enable_if<!countersign::built_with_sanitizer>())

BOOST_AUTO_TEST_CASE(files_cannot_be_opened) {
  const int status = status_after([] {
    return open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 && errno == EACCES ? refused : 0;
  });
  BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) == refused));
}

BOOST_AUTO_TEST_CASE(sockets_processes_and_signals_end_it) {
  BOOST_TEST(killed(status_after([] { return socket(AF_INET, SOCK_STREAM, 0); })));
  BOOST_TEST(killed(status_after([] { return socket(AF_UNIX, SOCK_STREAM, 0); })));
  BOOST_TEST(killed(status_after([] { return static_cast<int>(fork()); })));
  BOOST_TEST(killed(status_after([] { return execl("/bin/true", "true", nullptr); })));
  BOOST_TEST(killed(status_after([] { return kill(getppid(), 0); })));
  BOOST_TEST(killed(status_after([] {
    return mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
           MAP_FAILED;
  })));
}

// Nothing reaches out by it, so a library may have needed it: the caller is told which call it was.
BOOST_AUTO_TEST_CASE(a_refused_call_is_told_by_its_number) {
  int ends[2];
  BOOST_REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const int status = status_after([&] { dup2(ends[1], STDOUT_FILENO); },
                                  [] { return static_cast<int>(syscall(SYS_getsid, 0)); });
  close(ends[1]);
  char text[100] = {};
  BOOST_TEST(read(ends[0], text, sizeof text - 1) > 0);
  close(ends[0]);
  BOOST_TEST(killed(status));
  BOOST_TEST(std::string(text) == std::string(countersign::import::refused_call_line) +
                                      std::to_string(SYS_getsid) + "}\n");
}

BOOST_AUTO_TEST_CASE(memory_is_bounded) {
  const int status = status_after([] {
    return mmap(nullptr, 512U << 20U, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                   MAP_FAILED
               ? refused
               : 0;
  });
  BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) == refused));
}

BOOST_AUTO_TEST_SUITE_END()
