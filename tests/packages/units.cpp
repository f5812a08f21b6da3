// SPDX-License-Identifier: Apache-2.0
// The units: what systemd says of them, and that they name what the packages install.
#include <boost/test/unit_test.hpp>

#include <fstream>
#include <sstream>

#include "tests/packages/built_packages.h"

using namespace countersign::test;

namespace {

const std::string units = COUNTERSIGN_SOURCE_DIR "/daemon/systemd/";

// The last line of `systemd-analyze security`: "→ Overall exposure level for countersignd.service:
// 0.5 SAFE".
double exposure(const std::string& unit) {
  const Ran ran = run({"systemd-analyze", "security", "--offline=yes", "--no-pager", units + unit});
  const std::string lead = "exposure level for " + unit + ": ";
  const auto at = ran.out.find(lead);
  BOOST_REQUIRE_MESSAGE(at != std::string::npos, ran.out + ran.err);
  return std::stod(ran.out.substr(at + lead.size()));
}

bool says(const std::string& unit, const std::string& line) {
  return ("\n" + content_of(units + unit)).contains("\n" + line + "\n");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(units_of_systemd)

BOOST_AUTO_TEST_CASE(what_is_exposed_is_little) {
  const double daemon = exposure("countersignd.service");
  const double reader = exposure("countersign-reader.service");
  BOOST_TEST_MESSAGE("exposure: daemon " << daemon << ", reader " << reader);
  BOOST_TEST(daemon <= 1.2);
  BOOST_TEST(reader <= 0.8);
}

BOOST_AUTO_TEST_CASE(two_users_and_no_capability) {
  BOOST_TEST(says("countersignd.service", "User=countersign"));
  BOOST_TEST(says("countersign-reader.service", "User=countersign-reader"));
  for (const std::string unit : {"countersignd.service", "countersign-reader.service"})
    for (const std::string line :
         {"CapabilityBoundingSet=", "AmbientCapabilities=", "NoNewPrivileges=yes"})
      BOOST_TEST(says(unit, line), unit + ": " + line);
}

BOOST_AUTO_TEST_CASE(T14_memory_and_tasks_have_a_limit) {
  BOOST_TEST(says("countersignd.service", "MemoryMax=1G"));
  BOOST_TEST(says("countersignd.service", "TasksMax=64"));
  BOOST_TEST(says("countersign-reader.service", "MemoryMax=256M"));
  BOOST_TEST(says("countersign-reader.service", "TasksMax=192"));
}

// On a root that has them installed, so that users, programs and manual pages can be looked for.
BOOST_AUTO_TEST_CASE(systemd_finds_nothing_wrong) {
  const TemporaryFolder folder;
  const auto root = bare_root();
  install(*root, build_packages(folder), {"countersign"});
  const Ran verify =
      root->run({"systemd-analyze", "verify", "--recursive-errors=no", "countersignd.service",
                 "countersignd.socket", "countersign-reader.service", "countersign-reader.socket"});
  BOOST_TEST(verify.exit_code == 0, verify.out << verify.err);
  BOOST_TEST(!(verify.out + verify.err).contains("countersign"), verify.out << verify.err);
  BOOST_TEST(root->run({"systemd-tmpfiles", "--create", "--dry-run", "countersign.conf"})
                 .err.find("countersign.conf:") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
