// SPDX-License-Identifier: Apache-2.0
// Each trouble on a root file system that has it, beside one that has not.
#include "cli/local/host_checks.h"

#include <sys/stat.h>
#include <unistd.h>
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>

#include "tests/support/daemon_process.h"

using namespace countersign::cli;
namespace fs = std::filesystem;

namespace {

struct Host {
  countersign::test::TemporaryFolder folder;
  fs::path root = folder.path();

  void file(const std::string& path, const std::string& text = "") const {
    fs::create_directories((root / path).parent_path());
    std::ofstream(root / path) << text;
  }
  // A key of the kernel's, and its node.
  void key(const std::string& name, unsigned mode, gid_t group) const {
    file("sys/class/hidraw/" + name + "/device/report_descriptor", "\x06\xd0\xf1\x09\x01\xa1\x01");
    file("dev/" + name);
    BOOST_REQUIRE(chmod((root / "dev" / name).c_str(), mode) == 0);
    if (geteuid() == 0) BOOST_REQUIRE(chown((root / "dev" / name).c_str(), 0, group) == 0);
  }
  void pam(const std::string& service, const std::string& stack) const {
    file("etc/pam.d/" + service, stack);
  }
};

bool good(const std::vector<Finding>& findings) {
  return std::ranges::all_of(findings,
                             [](const Finding& each) { return each.good && each.mend.empty(); });
}

// The one finding, which must be a trouble with a command against it.
std::string trouble(const std::vector<Finding>& findings) {
  BOOST_REQUIRE(findings.size() == 1U);
  BOOST_TEST(!findings[0].good);
  BOOST_TEST(!findings[0].mend.empty());
  return findings[0].detail + " -> " + findings[0].mend;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(host_checks, Host)

BOOST_AUTO_TEST_CASE(a_key_that_the_reader_may_not_open) {
  BOOST_TEST(good(check_token_nodes(root)));  // none at all
  file("sys/class/hidraw/hidraw5/device/report_descriptor",
       "\x05\x01\x09\x06");  // a keyboard, whose node is nobody's business
  BOOST_TEST(good(check_token_nodes(root)));
  BOOST_REQUIRE(geteuid() == 0);
  file("etc/group", "root:x:0:\ncountersign-reader:x:4711:\n");
  key("hidraw0", 0660, 4711);
  BOOST_TEST(good(check_token_nodes(root)));
  key("hidraw1", 0660, 0);
  BOOST_TEST(trouble(check_token_nodes(root))
                 .find("/dev/hidraw1 of a security key is not open to the group countersign-reader "
                       "-> udevadm") != std::string::npos);
  key("hidraw1", 0600, 4711);
  BOOST_TEST(trouble(check_token_nodes(root)).find("/dev/hidraw1") != std::string::npos);
  fs::remove(root / "dev/hidraw1");
  BOOST_TEST(trouble(check_token_nodes(root)).find("udev is not running") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(pcscd_is_blocked) {
  BOOST_TEST(check_pcscd(root).empty());
  file("usr/sbin/pcscd");
  BOOST_TEST(trouble(check_pcscd(root)).find("systemctl enable --now pcscd.socket") !=
             std::string::npos);
  file("run/pcscd/pcscd.comm");
  BOOST_TEST(good(check_pcscd(root)));  // no polkit here
  file("usr/share/polkit-1/actions/org.debian.pcsc-lite.policy");
  file("etc/polkit-1/rules.d/10-else.rules", "polkit.addRule(...)");
  BOOST_TEST(trouble(check_pcscd(root)).find("polkit") != std::string::npos);
  file("usr/share/polkit-1/rules.d/50-countersign.rules", "subject.user == \"countersign-reader\"");
  BOOST_TEST(good(check_pcscd(root)));
}

BOOST_AUTO_TEST_CASE(gnupg_holds_the_card) {
  file("proc/1/comm", "init\n");
  file("proc/self/comm", "scdaemon\n");
  BOOST_TEST(check_scdaemon(root, geteuid()).empty());
  file("proc/4711/comm", "scdaemon\n");
  BOOST_TEST(trouble(check_scdaemon(root, geteuid())).find("process 4711") != std::string::npos);
  // Somebody else's is root's to find, and no user's.
  BOOST_TEST(!check_scdaemon(root, 0).empty());
  BOOST_TEST(check_scdaemon(root, geteuid() + 4711).empty());
}

BOOST_AUTO_TEST_CASE(a_stack_that_never_reaches_us) {
  pam("sudo", "@include common-auth\n");
  pam("common-auth",
      "auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\nauth "
      "required pam_permit.so\n");
  BOOST_TEST(good(check_pam(root)));  // nothing is installed
  file("lib/x86_64-linux-gnu/security/pam_countersign.so");
  BOOST_TEST(trouble(check_pam(root)).find("no login service asks it -> pam-auth-update") !=
             std::string::npos);

  // As pam-auth-update writes it: the first factor jumps over the denial alone.
  pam("common-auth",
      "auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\nauth "
      "required pam_permit.so\nauth required pam_countersign.so\n");
  BOOST_TEST(good(check_pam(root)));
  pam("common-auth",
      "auth [success=3 default=ignore] pam_unix.so\nauth requisite pam_deny.so\nauth required "
      "pam_permit.so\nauth required pam_countersign.so\nauth optional pam_cap.so\n");
  BOOST_TEST(trouble(check_pam(root))
                 .find("sudo: pam_unix.so (common-auth:1) lets people in before pam_countersign.so "
                       "is asked") != std::string::npos);
  pam("common-auth",
      "# a comment\nauth sufficient pam_unix.so\nauth required pam_countersign.so\n");
  BOOST_TEST(trouble(check_pam(root)).find("(common-auth:2)") != std::string::npos);
  pam("common-auth",
      "auth [success=done new_authtok_reqd=done default=die] pam_unix.so\nauth required "
      "pam_countersign.so\n");
  BOOST_TEST(trouble(check_pam(root)).find("(common-auth:1)") != std::string::npos);
  pam("common-auth",
      "session required pam_countersign.so\nauth required pam_unix.so\nauth required "
      "pam_countersign.so\n");
  BOOST_TEST(good(check_pam(root)));
  pam("common-auth", "auth include common-auth\nauth substack common-auth\n");  // around and around
  BOOST_TEST(trouble(check_pam(root)).find("no login service") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(T51_a_stack_where_first_passed_is_not_true) {
  file("lib/x86_64-linux-gnu/security/pam_countersign.so");
  const std::string ours = "auth required pam_countersign.so [prompt=One-time code] first=passed\n";
  const auto says = [&](const std::string& stack) {
    pam("sudo", stack);
    const auto findings = check_pam(root);
    const auto found = std::ranges::find_if(findings, [](const Finding& each) {
      return !each.good && each.detail.find("says first=passed") != std::string::npos;
    });
    return found == findings.end() ? "" : found->detail + " -> " + found->mend;
  };
  // True: the stack ends where the first factor fails.
  pam("common-auth",
      "auth [success=2 default=ignore] pam_unix.so nullok\nauth [success=1 default=ignore] "
      "pam_sss.so use_first_pass\nauth requisite pam_deny.so\nauth required pam_permit.so\n");
  pam("strict", "auth requisite pam_unix.so\n");
  const std::string root_way_in =
      "auth [success=1 default=ignore] pam_succeed_if.so quiet uid = 0\n";
  for (const std::string& before :
       {std::string("auth requisite pam_unix.so\n"), "auth requisite pam_unix.so\n" + root_way_in,
        "auth requisite \\\n  pam_unix.so nullok\n" + root_way_in,
        std::string("@include common-auth\n"), "@include common-auth\n" + root_way_in,
        std::string("auth include strict\n"),
        std::string(
            "auth [success=ok new_authtok_reqd=ok ignore=ignore default=die] pam_unix.so\n"),
        std::string("auth required pam_env.so\nauth sufficient pam_rootok.so\nauth requisite "
                    "/lib/security/pam_unix.so\n"),
        std::string("auth required pam_unix.so\nauth requisite pam_sss.so\n")})
    BOOST_TEST(says(before + ours) == "", before);
  // Not true, each in its way.
  for (const std::string before :
       {"auth required pam_unix.so\n", "auth optional pam_unix.so\n",
        "auth sufficient pam_unix.so\n", "auth substack strict\n", "-auth required pam_unix.so\n",
        "auth [success=1 default=ignore] pam_succeed_if.so quiet uid = 0\nauth requisite "
        "pam_unix.so\n",
        "auth [success=ok default=bad] pam_unix.so\n",
        "auth [success=ok user_unknown=ignore default=die] pam_unix.so\n",
        "auth [success=1 default=ignore] pam_unix.so\nauth required pam_deny.so\n"})
    BOOST_TEST(says(before + ours).find("(pam_countersign(8), STACKS)") != std::string::npos,
               before);
  BOOST_TEST(says("auth required pam_env.so\nauth required pam_unix.so\n" + ours)
                 .find("/etc/pam.d/sudo:3: pam_countersign.so says first=passed, but the stack "
                       "gets there when pam_unix.so (/etc/pam.d/sudo:2) has failed") !=
             std::string::npos);
  BOOST_TEST(says(ours).find("no line above checks a password") != std::string::npos);
  BOOST_TEST(says("auth required pam_env.so\nauth requisite pam_nologin.so\n" + ours)
                 .find("no line above checks a password") != std::string::npos);
  // In a file of any service, told once for all that include it.
  pam("common-auth", "auth required pam_unix.so\n" + ours);
  pam("sudo", "@include common-auth\n");
  pam("vlock", "@include common-auth\n");
  BOOST_TEST(trouble(check_pam(root)).find("/etc/pam.d/common-auth:2") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(T51_sshd_takes_a_code_without_the_key_that_the_stack_speaks_of) {
  file("lib/x86_64-linux-gnu/security/pam_countersign.so");
  pam("sshd", "auth required pam_countersign.so first=publickey\n");
  const auto with = [&](const std::string& config) {
    file("etc/ssh/sshd_config", "KbdInteractiveAuthentication yes\n" + config);
    return check_pam(root);
  };
  for (const char* methods :
       {"", "AuthenticationMethods any\n", "AuthenticationMethods keyboard-interactive:pam\n",
        "AuthenticationMethods keyboard-interactive:pam,publickey\n",
        "AuthenticationMethods publickey,keyboard-interactive:pam password,keyboard-interactive\n"})
    BOOST_TEST(trouble(with(methods)).find("a code alone lets people in") != std::string::npos,
               methods);
  for (const char* methods :
       {"AuthenticationMethods publickey,keyboard-interactive:pam\n",
        "authenticationmethods publickey,keyboard-interactive:pam publickey,password\n"})
    BOOST_TEST(good(with(methods)), methods);
}

// su of root and root's way in are no ways around it.
BOOST_AUTO_TEST_CASE(what_lets_in_root_alone_is_no_trouble) {
  file("lib/x86_64-linux-gnu/security/pam_countersign.so");
  const std::string ours = "auth requisite pam_unix.so\nauth required pam_countersign.so\n";
  pam("su", "auth sufficient pam_rootok.so\n" + ours);
  BOOST_TEST(good(check_pam(root)));
  pam("su",
      "auth [success=2 default=ignore] pam_succeed_if.so quiet uid = 0 service = su\n" + ours);
  BOOST_TEST(good(check_pam(root)));
  pam("su", "auth [success=2 default=ignore] pam_succeed_if.so quiet uid >= 0\n" + ours);
  BOOST_TEST(trouble(check_pam(root)).find("lets people in before") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(sshd_that_prompts_nobody) {
  file("usr/lib/x86_64-linux-gnu/security/pam_countersign.so");
  pam("sshd", "auth required pam_unix.so\nauth required pam_countersign.so\n");
  BOOST_TEST(good(check_pam(root)));
  file("etc/ssh/sshd_config",
       "# KbdInteractiveAuthentication yes\nUsePAM yes\nKbdInteractiveAuthentication no\n");
  BOOST_TEST(trouble(check_pam(root)).find("sshd_config has KbdInteractiveAuthentication no") !=
             std::string::npos);
  file("etc/ssh/sshd_config.d/10-countersign.conf",
       "KbdInteractiveAuthentication yes\n");  // the command against it
  BOOST_TEST(good(check_pam(root)));
  fs::remove(root / "etc/ssh/sshd_config.d/10-countersign.conf");
  file("etc/ssh/sshd_config",
       "kbdinteractiveauthentication yes\nKbdInteractiveAuthentication no\n");
  BOOST_TEST(good(check_pam(root)));
}

BOOST_AUTO_TEST_SUITE_END()
