// SPDX-License-Identifier: Apache-2.0
// What is said when a helper ends before it has said that it is done. Stand-ins for the helpers are
// shell scripts.
#include "cli/local/helper.h"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

#include <fstream>

#include "tests/support/daemon_process.h"

using namespace countersign;
using namespace countersign::test;

namespace {

Error what_is_said_of(const std::string& script) {
  const TemporaryFolder folder;
  const std::string helper = folder / "countersign-judge";
  std::ofstream(helper) << "#!/bin/sh\n" << script << "\n";
  BOOST_REQUIRE(chmod(helper.c_str(), 0700) == 0);
  std::ofstream(folder / "file") << "{}";
  const auto done = cli::run_helper(
      {.program = helper, .format = "webauthn", .file = folder / "file", .password = {}, .key = {}},
      [](std::string_view, double) { return Result<void>(); });
  BOOST_TEST_REQUIRE(!done.has_value());
  return done.error();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(helper)

BOOST_AUTO_TEST_CASE(a_call_that_the_sandbox_refused_is_our_bug_and_not_the_files) {
  const Error numbered = what_is_said_of("echo '{\"refused_call\":39}'; kill -SYS $$");
  BOOST_TEST((numbered.code == Code::internal));
  BOOST_TEST(numbered.what.contains("refused a system call (number 39)"), numbered.what);
  BOOST_TEST(numbered.what.contains("please report it"), numbered.what);
  BOOST_TEST(!numbered.what.contains("hostile"), numbered.what);
  const Error killed = what_is_said_of("kill -SYS $$");
  BOOST_TEST((killed.code == Code::internal));
  BOOST_TEST(killed.what.contains("refused a system call."), killed.what);
}

BOOST_AUTO_TEST_CASE(a_number_is_all_that_is_shown_of_it) {
  BOOST_TEST(!what_is_said_of("printf '{\"refused_call\":3\\033[31m}\\n'; kill -SYS $$")
                  .what.contains('\x1b'));
}

BOOST_AUTO_TEST_CASE(a_helper_that_crashed_may_have_read_a_hostile_file) {
  for (const char* script : {"kill -SEGV $$", "exit 1", "true"}) {
    const Error error = what_is_said_of(script);
    BOOST_TEST((error.code == Code::invalid), script);
    BOOST_TEST(error.what.contains("hostile or damaged"), error.what);
  }
}

BOOST_AUTO_TEST_SUITE_END()
