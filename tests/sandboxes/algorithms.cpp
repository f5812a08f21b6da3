// SPDX-License-Identifier: Apache-2.0
// Each algorithm and curve through each sandbox in which strangers' bytes are parsed, with the
// libraries of this machine. Each in a process of its own: what a library does at first use is done
// inside.
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <csignal>

#include "cli/import/sandbox.h"
#include "core/base/process_limits.h"
#include "core/crypto/hash.h"
#include "devices/reader/sandbox.h"
#include "tests/sandboxes/work.h"
#include "tests/support/daemon_process.h"

using namespace countersign;
using namespace countersign::test;

namespace {

bool enter_reader(reader::Work first, reader::Work then) {
  return reader::limit_process() && reader::enter_sandbox(first) && reader::enter_sandbox(then);
}

bool enter(std::string_view sandbox) {
  if (sandbox == "judge" || sandbox == "import") return import::enter_sandbox();
  if (sandbox == "reader") return enter_reader(reader::Work::open, reader::Work::operate);
  if (sandbox == "reader-usb")
    return enter_reader(reader::Work::open_usb, reader::Work::operate_usb);
  return false;
}

// What ended in the sandbox, by the process's exit code.
enum Ended { right = 0, wrong = 10, no_such_work = 11, no_sandbox = 12 };

Ran run_inside(const std::string& sandbox, const std::string& work) {
  return run(
      {"/proc/self/exe", "--run_test=inside", "--catch_system_errors=no", "--", sandbox, work});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(inside, *boost::unit_test::disabled())

BOOST_AUTO_TEST_CASE(one) {
  const auto& arguments = boost::unit_test::framework::master_test_suite();
  BOOST_TEST_REQUIRE(arguments.argc == 3);
  const auto work = std::ranges::find(all_work(), std::string_view(arguments.argv[2]), &Work::name);
  if (work == all_work().end()) _exit(no_such_work);
  (void)crypto::sha256(BytesView());  // as the programs do: libcrypto reads its configuration
  if (!enter(arguments.argv[1])) _exit(no_sandbox);
  _exit(work->run() ? right : wrong);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(sandboxes, *boost::unit_test::enable_if<!built_with_sanitizer>())

BOOST_AUTO_TEST_CASE(every_algorithm_runs_in_every_sandbox) {
  BOOST_TEST(all_work().size() > 30U);
  for (const char* sandbox : {"judge", "import", "reader", "reader-usb"})
    for (const Work& work : all_work()) {
      const Ran ran = run_inside(sandbox, work.name);
      BOOST_TEST(ran.exit_code == right, sandbox << ", " << work.name << ": exit " << ran.exit_code
                                                 << " " << ran.out << ran.err);
    }
}

BOOST_AUTO_TEST_SUITE_END()
