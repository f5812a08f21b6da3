// SPDX-License-Identifier: Apache-2.0
// Programs that are started, waited for, ended in time, and handed descriptors.
#include "daemon/base/child_process.h"

#include <fcntl.h>
#include <unistd.h>
#include <boost/test/unit_test.hpp>

#include <csignal>
#include <fstream>

#include "tests/support/daemon_process.h"

using namespace countersign;
using countersign::test::TemporaryFolder;
using namespace std::chrono_literals;

namespace {

Program shell(const std::string& script) { return Program({"/bin/sh", "-c", script}); }

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(child_process)

BOOST_AUTO_TEST_CASE(status_and_output_are_the_programs) {
  const auto printed = output_of(shell("printf 'one\\ntwo'; exit 3"));
  BOOST_TEST_REQUIRE(printed.has_value());
  BOOST_TEST(printed->text == "one\ntwo");
  BOOST_TEST(printed->status == 3);
  BOOST_TEST(shell("kill -SYS $$").start()->wait() == 128 + SIGSYS);
  BOOST_TEST(output_of(shell("printf 12345"), {}, 3)->text == "123");
}

BOOST_AUTO_TEST_CASE(a_program_that_is_not_there_is_named) {
  const auto started = Program({"/nowhere/program"}).start();
  BOOST_TEST_REQUIRE(!started.has_value());
  BOOST_TEST((started.error().code == Code::unavailable));
  BOOST_TEST(started.error().what.contains("/nowhere/program"));
}

// One that closes its output and goes on is not waited for longer than that.
BOOST_AUTO_TEST_CASE(patience_ends_with_a_kill) {
  const auto silent = output_of(shell("exec sleep 60"), 100ms);
  BOOST_TEST_REQUIRE(silent.has_value());
  BOOST_TEST(silent->status == 128 + SIGKILL);
  const auto closed = output_of(shell("exec sleep 60 >&-"), 100ms);
  BOOST_TEST_REQUIRE(closed.has_value());
  BOOST_TEST(closed->status == 128 + SIGKILL);
}

BOOST_AUTO_TEST_CASE(what_is_not_handed_over_is_not_there) {
  const TemporaryFolder folder;
  auto pipe = make_pipe();
  BOOST_TEST_REQUIRE(pipe.has_value());
  // Onto the very number that it has here, where dup2 would leave it close-on-exec.
  Program given = shell("printf secret >&" + std::to_string(pipe->write.get()));
  given.give(pipe->write, pipe->write.get());
  BOOST_TEST(given.start()->wait() == 0);
  pipe->write.reset();
  std::string text(16, '\0');
  text.resize(static_cast<std::size_t>(read(pipe->read.get(), text.data(), text.size())));
  BOOST_TEST(text == "secret");

  const Descriptor ours(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
  BOOST_TEST(output_of(shell("ls /proc/self/fd | wc -l"))->text ==
             output_of(shell("ls /proc/self/fd | wc -l").no_input().no_errors())->text);
  BOOST_TEST(output_of(shell("cat <&" + std::to_string(ours.get())).no_errors())->status != 0);
}

BOOST_AUTO_TEST_CASE(logs_are_appended_and_private) {
  const TemporaryFolder folder;
  const std::string log = folder / "log";
  for (const char* word : {"out", "err >&2"})
    BOOST_TEST(shell(std::string("echo ") + word).no_input().log_to(log).start()->wait() == 0);
  BOOST_TEST(content_of(log) == "out\nerr\n");
}

// A destroyed one is told to end and waited for; one that was let go is not.
BOOST_AUTO_TEST_CASE(an_end_is_waited_for) {
  pid_t pid = -1;
  {
    const auto child = Program({"/bin/sleep", "60"}).start();
    BOOST_TEST_REQUIRE(child.has_value());
    pid = child->pid();
    BOOST_TEST(kill(pid, 0) == 0);
  }
  BOOST_TEST(kill(pid, 0) != 0);
}

BOOST_AUTO_TEST_SUITE_END()
