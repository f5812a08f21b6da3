// SPDX-License-Identifier: Apache-2.0
// What the packages are for: installed on a machine where people log in by password, one command to
// enrol, and sudo and ssh ask for the second factor; purged, and everything is as it was.
#include <boost/test/unit_test.hpp>

#include <algorithm>

#include "tests/packages/built_packages.h"

using namespace countersign::test;

namespace {

constexpr const char* secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";  // of RFC 4226

void log_in(const BareRoot& root, const std::string& words) {
  const Ran ran = root.run({"sh", "-c", "/tmp/logins/logins.sh " + words}, {}, 200);
  BOOST_TEST(ran.exit_code == 0, words << ": " << ran.out << ran.err);
  BOOST_TEST_MESSAGE(ran.out);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(logins_by_the_packages)

BOOST_AUTO_TEST_CASE(install_enrol_log_in_purge) {
  const TemporaryFolder folder;
  const std::vector<std::string> packages = build_packages(folder);
  const auto root = bare_root(BareRoot::First::systemd);
  (void)root->sh("mkdir /tmp/logins");
  root->put(COUNTERSIGN_SOURCE_DIR "/tests/packages/logins.sh", "/tmp/logins/logins.sh");
  root->put(COUNTERSIGN_SOURCE_DIR "/tests/e2e/logins.sh", "/tmp/logins/helpers.sh");
  (void)root->sh(
      "bash -ec '. /tmp/logins/helpers.sh; add_person alice 61001' && printf 'Defaults "
      "passwd_tries=1\\nalice ALL=(ALL) ALL\\n' >/etc/sudoers");
  log_in(*root, "password");
  const std::string what_stays =
      "sha256sum /etc/passwd /etc/group /etc/shadow /etc/gshadow /etc/pam.d/* /var/lib/pam/*";
  const std::string before = root->sh(what_stays);
  const std::vector<std::string> changed_before = root->changes();

  install(*root, packages, {"countersign", "libpam-countersign"});
  (void)root->sh("countersign user add alice --login alice");
  (void)root->sh(std::string("echo ") + secret +
                 " >/tmp/secret && oathtool --hotp --base32 --counter 0 " + secret +
                 " | script --quiet --return --command 'countersign enroll hotp --user alice "
                 "--secret-file /tmp/secret' /tmp/typescript");
  log_in(*root, "password");  // nobody turned anything on yet
  (void)root->sh(
      "countersign policy set staff --mode required --yes --force && pam-auth-update --enable "
      "countersign");
  log_in(*root, std::string("factor ") + secret + " 1");
  const Ran record = root->run({"countersign", "audit", "verify"});
  BOOST_TEST(record.exit_code == 0, record.out << record.err);

  (void)root->sh("dpkg --purge libpam-countersign countersign");
  log_in(*root, "password");
  BOOST_TEST(root->sh(what_stays) == before);
  for (const std::string& path : left_over(*root))
    if (std::ranges::find(changed_before, path) == changed_before.end())
      BOOST_ERROR("left over: " << path);
}

BOOST_AUTO_TEST_SUITE_END()
