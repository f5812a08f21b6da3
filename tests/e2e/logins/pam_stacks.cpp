// SPDX-License-Identifier: Apache-2.0
// Every place in a stack that pam_countersign(8) speaks of, with each of the module's answers:
// verified, denied, let through by policy, no daemon. As root.
#include <boost/test/unit_test.hpp>

#include <sstream>

#include "tests/e2e/support/pam_application.h"
#include "tests/e2e/support/pam_house.h"

using namespace countersign;
using namespace countersign::test;

namespace {

struct Etc {
  Etc() { own_etc(); }
};

// Alice has a phone. What of the stack "test" opens: by a right code, a wrong one, with policy off,
// without a daemon.
struct Stacks : PamHouse {
  Phone phone = person("alice");

  // Without pamtester, which waits two seconds for each denial.
  [[nodiscard]] static bool lets_in(const std::string& typed, const std::string& user = "alice",
                                    const Items& items = {}, const std::string& name = "test") {
    std::vector<std::string> each;
    std::istringstream text(typed);
    for (std::string line; std::getline(text, line);) each.push_back(line);
    return transact({.service = name, .user = user, .items = items, .typed = lines(each)}).last() ==
           0;
  }

  [[nodiscard]] std::string opens(const std::string& lines, const std::string& before = {}) {
    std::string text;
    for (std::size_t at = 0, end = 0; at < lines.size(); at = end + 1) {
      end = lines.find('\n', at);
      std::string line = "auth " + lines.substr(at, end - at);
      if (const auto self = line.find("SELF"); self != std::string::npos)
        line.replace(self, 4, module());
      text += line + "\n";
      if (end == std::string::npos) break;
    }
    service("test", text);
    std::string by;
    if (lets_in(before + fresh_code(daemon, phone) + "\n")) by += "right ";
    if (lets_in(before + wrong_code(daemon, phone) + "\n")) by += "wrong ";
    policy({{"mode", "off"}});
    if (lets_in(before)) by += "off ";
    policy({{"mode", "required"}});
    (void)daemon.stop();
    if (lets_in(before)) by += "gone ";
    daemon.start();
    catch_up(daemon);
    return by;
  }
};

const std::string password = "alice's password\n";

}  // namespace

BOOST_TEST_GLOBAL_FIXTURE(Etc);

BOOST_FIXTURE_TEST_SUITE(pam_stacks, Stacks)

BOOST_AUTO_TEST_CASE(required_after_the_password) {
  BOOST_TEST(opens("required pam_unix.so\nrequired SELF", password) == "right off ");
  BOOST_TEST(opens("required pam_unix.so\nrequired SELF", "another password\n") == "");
}

BOOST_AUTO_TEST_CASE(requisite_after_the_password) {
  BOOST_TEST(opens("required pam_unix.so\nrequisite SELF", password) == "right off ");
}

BOOST_AUTO_TEST_CASE(sufficient_opens_on_a_verification_alone) {
  BOOST_TEST(opens("sufficient SELF\nrequired pam_deny.so") == "right ");
  BOOST_TEST(opens("sufficient SELF") == "right ");
}

BOOST_AUTO_TEST_CASE(success_1_jumps_over_the_denial) {
  BOOST_TEST(
      opens("[success=1 default=ignore] SELF\nrequisite pam_deny.so\nrequired pam_permit.so") ==
      "right ");
}

BOOST_AUTO_TEST_CASE(success_ok_ignore_ignore_default_die) {
  BOOST_TEST(opens("required pam_unix.so\n[success=ok ignore=ignore default=die] SELF", password) ==
             "right off ");
}

BOOST_AUTO_TEST_CASE(alone_it_opens_on_a_verification_only) {
  BOOST_TEST(opens("required SELF") == "right ");
  BOOST_TEST(opens("requisite SELF") == "right ");
  BOOST_TEST(opens("[success=ok ignore=ignore default=die] SELF") == "right ");
}

BOOST_AUTO_TEST_CASE(optional_counts_for_nothing_beside_others) {
  BOOST_TEST(opens("required pam_permit.so\noptional SELF") == "right wrong off gone ");
  BOOST_TEST(opens("required pam_deny.so\noptional SELF") == "");
}

// What pam-auth-update makes of an Additional profile: root's way in stands before it.
BOOST_AUTO_TEST_CASE(root_at_the_machine_itself_gets_in_without_a_daemon) {
  const std::string way_in =
      "auth [success=1 default=ignore] pam_succeed_if.so quiet uid = 0 service = login tty =~ "
      "*tty[0-9]*\n";
  for (const char* name : {"login", "sshd"})
    service(name, "auth required pam_permit.so\n" + way_in + "auth required " + module() + "\n");
  (void)daemon.stop();
  const auto in = [&](const std::string& user, const Items& items, const std::string& name) {
    return lets_in("", user, items, name);
  };
  for (const char* terminal : {"tty1", "/dev/tty2"}) {
    BOOST_TEST(in("root", {{"tty", terminal}}, "login"));
    BOOST_TEST(!in("alice", {{"tty", terminal}}, "login"));
    BOOST_TEST(!in("root", {{"tty", terminal}}, "sshd"));
  }
  for (const char* terminal : {"pts/0", "/dev/pts/1", "ssh", "ttyS0", ":0"})
    BOOST_TEST(!in("root", {{"tty", terminal}}, "login"), terminal);
  BOOST_TEST(!in("root", {}, "login"));
}

BOOST_AUTO_TEST_SUITE_END()
