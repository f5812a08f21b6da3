// SPDX-License-Identifier: Apache-2.0
#include "cli/local/host_libraries.h"

#include <boost/test/unit_test.hpp>

#include <map>

#include "cli/local/packages.h"

using namespace countersign;
using namespace countersign::cli;

namespace {

// A host that has these packages. Versions are compared by dpkg itself.
std::vector<Finding> doctor(const std::map<std::string, std::string>& installed,
                            const std::string& distribution = "debian-12") {
  return check_host_libraries(
      known_host_libraries(),
      {.installed = [&](const std::string& package) -> std::optional<std::string> {
         const auto found = installed.find(package);
         return found != installed.end() ? std::optional(found->second) : std::nullopt;
       },
       .at_least = at_least,
       .distribution = distribution});
}

bool says(const Finding& finding, const std::string& part) {
  return finding.detail.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(host_libraries)

BOOST_AUTO_TEST_CASE(debians_own_programs_are_asked) {
  BOOST_REQUIRE(has_packages());
  BOOST_TEST(installed_version("dpkg").value_or("").starts_with("1."));
  BOOST_TEST(!installed_version("no-such-package-at-all"));
  BOOST_TEST(!installed_version("--version"));
  BOOST_TEST(at_least("1.10-1", "1.9").value());
  BOOST_TEST(!at_least("1.1.0-1.1", "1.1.0-1.1+deb12u1").value());
  BOOST_TEST(!at_least("0.24.0~rc1-1", "0.24.0").value());
  BOOST_TEST(distribution().find('-') != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_mended_is_not_complained_of) {
  for (const auto& good :
       {std::pair("libpam-u2f", "1.1.0-1.1+deb12u1"), std::pair("libpam-u2f", "1.3.1-1"),
        std::pair("opensc", "0.23.0-0.3+deb12u2"), std::pair("libykpiv2", "2.2.0-1.1"),
        std::pair("libu2f-host0", "1.1.10-3")}) {
    const auto findings = doctor({good});
    BOOST_REQUIRE(findings.size() == 1U);
    BOOST_TEST(findings[0].good, good.first << ": " << findings[0].detail);
    BOOST_TEST(says(findings[0], good.second));
  }
  BOOST_TEST(doctor({}).at(0).good);
}

BOOST_AUTO_TEST_CASE(T03_a_fault_that_the_store_avoids_is_told_and_needs_no_mend) {
  const auto sqlite = doctor({{"libsqlite3-0", "3.40.1-2+deb12u2"}});
  BOOST_REQUIRE(sqlite.size() == 1U);
  BOOST_TEST(sqlite[0].good);
  BOOST_TEST((says(sqlite[0], "WAL-reset bug") && says(sqlite[0], "store never does that")),
             sqlite[0].detail);
  BOOST_TEST(!says(doctor({{"libsqlite3-0", "3.51.3-1"}}).at(0), "WAL-reset"));
}

BOOST_AUTO_TEST_CASE(what_is_not_mended_is_named_with_its_cure) {
  const auto pam = doctor({{"libpam-u2f", "1.1.0-1.1"}});
  BOOST_REQUIRE(pam.size() == 1U);
  BOOST_TEST(!pam[0].good);
  BOOST_TEST((says(pam[0], "CVE-2025-23013") && says(pam[0], "1.1.0-1.1+deb12u1")), pam[0].detail);
  BOOST_TEST(pam[0].mend == "apt-get install --only-upgrade libpam-u2f");
  BOOST_TEST(!doctor({{"libu2f-host0", "1.1.6-1"}}).at(0).good);
  BOOST_TEST(doctor({{"libykpiv1", "1.5.0-1"}}).size() == 2U);  // both of its holes
  BOOST_TEST(doctor({{"libykpiv1", "1.6.2-1"}}).size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_not_known_is_said) {
  const auto elsewhere = doctor({{"libpam-u2f", "1.1.0-1.1+deb12u1"}}, "ubuntu-22.04");
  BOOST_REQUIRE(elsewhere.size() == 1U);
  BOOST_TEST(!elsewhere[0].good);
  BOOST_TEST((says(elsewhere[0], "ubuntu-22.04") && says(elsewhere[0], "not known")),
             elsewhere[0].detail);
}

BOOST_AUTO_TEST_SUITE_END()
