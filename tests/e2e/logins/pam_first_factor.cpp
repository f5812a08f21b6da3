// SPDX-License-Identifier: Apache-2.0
// T51: nothing is bound, shown or sent at a prompt unless the first factor has passed. As root.
#include <security/pam_appl.h>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>

#include "cli/local/host_checks.h"
#include "tests/e2e/support/pam_application.h"
#include "tests/e2e/support/pam_house.h"
#include "tests/e2e/support/post.h"

using namespace countersign;
using namespace countersign::test;

namespace {

struct Etc {
  Etc() { own_etc(); }
};

const std::string key =
    "publickey ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVyeSBzaG9ydCBrZXkgb2Ygbm9ib2R5\n";

std::string mail_config(const TemporaryFolder& folder) {
  return "[email]\nfile = \"" + (folder / "mail") + "\"\nfrom = \"noreply@example.org\"\n";
}

// Alice has a phone, bob nothing, carol an address.
struct People : PamHouse {
  People() : PamHouse(mail_config(mails)) {
    policy({{"methods", {"totp", "email"}}});
    (void)told(daemon, {"user", "add", "bob.person", "--login", "bob"});
    (void)told(daemon,
               {"user", "add", "carol.person", "--login", "carol", "--email", "carol@example.org"});
  }
  static inline const TemporaryFolder mails;
  Phone phone = person("alice");

  [[nodiscard]] Transacted ask_at(const std::string& user, std::vector<std::string> typed,
                                  const std::string& auth_info = {}) const {
    Transaction transaction{.service = "test", .user = user, .typed = lines(std::move(typed))};
    if (!auth_info.empty()) transaction.environment = {{"SSH_AUTH_INFO_0", auth_info}};
    return transact(transaction);
  }
  [[nodiscard]] std::string code() const { return fresh_code(daemon, phone); }
  [[nodiscard]] bool has_factor(const std::string& user) const {
    return ask(daemon, "GET", "/v1/users/" + user).at("factors_ever") != 0;
  }
  [[nodiscard]] static bool mailed() {
    return std::filesystem::exists(mails / "mail") &&
           content_of(mails / "mail").contains("\"by\":\"email\"");
  }
};

// Six digits of the last message.
std::string last_code() {
  const std::string all = content_of(People::mails / "mail");
  const std::string last = all.substr(all.rfind('\n', all.size() - 2) + 1);
  return code_in(text(object_in(last), "text"));
}

// As a thief would: enrol, whatever it takes.
std::optional<std::string> enrolling(const std::string& asked, const std::string& said) {
  if (asked.contains("assword")) return "not the password";
  if (asked.contains("skip")) return "enroll";
  if (asked.contains("press Enter to use an authenticator app")) return "";
  constexpr std::string_view before = "secret into it: ";
  const std::size_t at = said.find(before);
  if (at == std::string::npos) return "000000";
  const std::string secret =
      said.substr(at + before.size(), said.find('\n', at) - at - before.size());
  return tool({"oathtool", "--totp", "-b", secret}).substr(0, 6);
}

bool shows_a_secret(const std::string& said) {
  return said.contains("secret") || said.contains("▀") || said.contains("otpauth");
}

}  // namespace

BOOST_TEST_GLOBAL_FIXTURE(Etc);

BOOST_FIXTURE_TEST_SUITE(pam_first_factor, People)

BOOST_AUTO_TEST_CASE(T51_a_stranger_binds_nothing) {
  const std::string password = "auth required pam_unix.so\n";
  for (const std::string mode : {"required", "optional"}) {
    policy({{"mode", mode}});
    for (const std::string options : {"", "first=publickey", "first=publickey try_first_pass"}) {
      const bool by_key = options.starts_with("first=publickey");
      service("test", password + "auth required " + module(options) + "\n");
      (void)logged();
      const Transacted out = transact({.service = "test", .user = "bob", .typed = enrolling});
      BOOST_TEST(out.last() == PAM_AUTH_ERR, mode << " " << options << ": " << out.said);
      BOOST_TEST(!shows_a_secret(out.said), out.said);
      BOOST_TEST(out.said.contains(by_key ? "needs your SSH key first"
                                          : "you can't set one up at this login"),
                 out.said);
      BOOST_TEST(out.said.contains("sk your administrator"), out.said);
      const std::string log = logged();
      BOOST_TEST(log.contains(by_key ? "no completed public key" : "lacks first=passed"), log);
      BOOST_TEST(!has_factor("bob.person"));
    }
    service("test", "auth requisite pam_unix.so\nauth required " + module("first=passed") + "\n");
    const Transacted out = transact({.service = "test", .user = "bob", .typed = enrolling});
    BOOST_TEST(out.last() == PAM_AUTH_ERR);
    BOOST_TEST(out.said == "Password: \n", out.said);
    BOOST_TEST(!has_factor("bob.person"));
  }
}

BOOST_AUTO_TEST_CASE(T51_a_stranger_has_nothing_sent) {
  for (const std::string options :
       {"", "first=publickey", "try_first_pass", "try_first_pass first=publickey"}) {
    service("test", "auth required pam_unix.so\nauth required " + module(options) + "\n");
    for (const std::string typed : {"email", "sms", ""})
      for (const std::string tty : {"tty1", "ssh"}) {
        const Transacted out = transact({.service = "test",
                                         .user = "carol",
                                         .items = {{"tty", tty}},
                                         .typed = lines({"not the password", typed, "000000"})});
        BOOST_TEST(out.last() == PAM_AUTH_ERR, options << ": " << out.said);
        BOOST_TEST(!out.said.contains("sent to"), out.said);
      }
  }
  BOOST_TEST(!mailed());
  BOOST_TEST(logged().contains("none is sent before the first factor has passed"));
  service("test", "auth requisite pam_unix.so\nauth required " + module("first=passed") + "\n");
  BOOST_TEST(ask_at("carol", {"carol's password", "email", "000000"}).said.contains("sent to"));
  BOOST_TEST(mailed());
}

BOOST_AUTO_TEST_CASE(T51_behind_the_first_factor_people_enrol) {
  service("test", "auth requisite pam_unix.so\nauth required " + module("first=passed") + "\n");
  const auto typed = [&](const std::string& asked, const std::string& said) {
    return asked.contains("assword") ? std::optional<std::string>("bob's password")
                                     : enrolling(asked, said);
  };
  const Transacted in = transact({.service = "test", .user = "bob", .typed = typed});
  BOOST_TEST(in.last() == PAM_SUCCESS, in.said << logged());
  BOOST_TEST(has_factor("bob.person"));
}

BOOST_AUTO_TEST_CASE(C1_behind_the_first_factor_an_address_can_be_typed) {
  service("test", "auth requisite pam_unix.so\nauth required " + module("first=passed") + "\n");
  const auto log_in = [&](const std::string& to, bool right) {
    return transact({.service = "test",
                     .user = "bob",
                     .typed = [&, right](const std::string& asked,
                                         const std::string&) -> std::optional<std::string> {
                       if (asked.contains("assword")) return "bob's password";
                       if (asked.contains("e-mail address")) return to;
                       return asked.contains("sent to") && right ? last_code() : "000000";
                     }});
  };
  const Transacted wrong = log_in("bob@example.org", false);
  BOOST_TEST(wrong.last() == PAM_AUTH_ERR, wrong.said);
  BOOST_TEST(!wrong.said.contains("phone number"), wrong.said);  // policy does not admit it
  BOOST_TEST(log_in("+491701234567", true).said.contains("Codes can't be sent there"));
  BOOST_TEST(log_in("nowhere@", true).last() == PAM_AUTH_ERR);
  BOOST_TEST(!has_factor("bob.person"));
  advance(daemon, 60);
  const Transacted in = log_in("bob@example.org", true);
  BOOST_TEST(in.last() == PAM_SUCCESS, in.said << logged());
  BOOST_TEST(text(ask(daemon, "GET", "/v1/users/bob.person"), "email") == "bob@example.org");
  // From now on that is asked, and nobody enrols with the password alone.
  const Transacted again = log_in("thief@example.org", true);
  BOOST_TEST(!again.said.contains("Set up"), again.said);
}

BOOST_AUTO_TEST_CASE(T51_codes_and_one_field_need_no_first_factor) {
  service("test", "auth required pam_unix.so\nauth required " + module() + "\n");
  BOOST_TEST(ask_at("alice", {"alice's password", code()}).last() == PAM_SUCCESS);
  service("test", "auth required " + module("try_first_pass") +
                      "\nauth required pam_unix.so use_first_pass\n");
  BOOST_TEST(ask_at("alice", {"alice's password" + code()}).last() == PAM_SUCCESS);
}

BOOST_AUTO_TEST_CASE(T51_the_record_says_what_had_passed) {
  const auto primary = [&] {
    const auto events = told(daemon, {"audit", "list", "--last", "1"});
    return boost::json::serialize(events);
  };
  service("test", "auth requisite pam_unix.so\nauth required " + module("first=passed") + "\n");
  BOOST_TEST(ask_at("alice", {"alice's password", code()}).last() == PAM_SUCCESS);
  BOOST_TEST(primary().contains("\"primary\":\"password\""), primary());
  service("test", "auth required pam_unix.so\nauth required " + module() + "\n");
  BOOST_TEST(ask_at("alice", {"alice's password", code()}).last() == PAM_SUCCESS);
  BOOST_TEST(primary().contains("\"primary\":\"none\""), primary());
}

// What doctor finds by reading is what libpam does.
BOOST_AUTO_TEST_CASE(T51_doctor_knows_where_a_stranger_would_enrol) {
  const TemporaryFolder root;
  for (const char* place : {"/etc/pam.d", "/lib/x86_64-linux-gnu/security"})
    std::filesystem::create_directories(root.path() + place);
  write_file(root / "lib/x86_64-linux-gnu/security/pam_countersign.so", "");
  const auto doctor_warns = [&] {
    for (const char* name : {"test", "strict", "loose"})
      std::filesystem::copy_file("/etc/pam.d/" + std::string(name), root / "etc/pam.d/" + name,
                                 std::filesystem::copy_options::overwrite_existing);
    return std::ranges::any_of(cli::check_pam(root.path()), [](const cli::Finding& each) {
      return each.detail.find("says first=passed") != std::string::npos;
    });
  };
  service("strict", "auth requisite pam_unix.so\n");
  service("loose", "auth sufficient pam_unix.so\nauth required pam_permit.so\n");
  int warned = 0;
  const std::vector<std::string> stacks = {
      "requisite pam_unix.so",
      "required pam_unix.so",
      "optional pam_unix.so",
      "sufficient pam_unix.so",
      "include strict",
      "substack strict",
      "substack loose",
      "[success=ok default=die] pam_unix.so",
      "[success=ok default=bad] pam_unix.so",
      "[success=ok auth_err=ignore default=die] pam_unix.so",
      "[success=1 default=ignore] pam_unix.so\nauth requisite pam_deny.so",
      "[success=1 default=ignore] pam_unix.so\nauth required pam_deny.so",
      "[success=1 default=ignore] pam_succeed_if.so quiet uid >= 0\nauth requisite pam_unix.so",
      "requisite pam_unix.so\nauth [success=1 default=ignore] pam_succeed_if.so quiet uid = "
      "0\nauth required pam_env.so",
      "required pam_unix.so\nauth requisite pam_unix.so use_first_pass",
      "[success=1 default=ignore] pam_unix.so\nauth substack strict",
      "required pam_permit.so"};
  for (const std::string& before : stacks) {
    service("test", "auth " + before + "\nauth required " + module("first=passed") + "\n");
    const Transacted out = transact({.service = "test",
                                     .user = "bob",
                                     .typed = lines({"not the password", "not the password", ""})});
    const bool reached = out.said.contains("Set up your second factor");
    BOOST_TEST(doctor_warns() == reached, before);
    warned += reached ? 1 : 0;
  }
  BOOST_TEST(warned == 11);
}

// The stack for sshd with AuthenticationMethods publickey,keyboard-interactive:pam has no other
// line that decides.
BOOST_AUTO_TEST_CASE(T51_where_policy_asks_nothing_a_completed_key_lets_in) {
  service("test", "auth required " + module("first=publickey") + "\n");
  policy({{"mode", "off"}});
  const std::string certificate =
      "publickey ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlcnQ=\n";
  for (const std::string& info :
       {key, certificate, "password\n" + key, key + "hostbased ssh-rsa AAAA\n"})
    BOOST_TEST(ask_at("alice", {}, info).last() == PAM_SUCCESS, info);
  for (const std::string info :
       {"", "password\n", "publickey", "publickey\n", "publickey \n", "publickey ssh-ed25519\n",
        "publickey ssh-ed25519 \n", "hostbased ssh-ed25519 AAAA\n",
        "keyboard-interactive/pam publickey ssh-ed25519 AAAA\n", " publickey ssh-ed25519 AAAA\n",
        "Publickey ssh-ed25519 AAAA\n", "publickey ssh-ed25519 ????\n"})
    BOOST_TEST(ask_at("alice", {}, info).last() == PAM_AUTH_ERR, info);
  policy({{"mode", "required"}});
  BOOST_TEST(ask_at("alice", {code()}, key).last() == PAM_SUCCESS);
  BOOST_TEST(ask_at("alice", {wrong_code(daemon, phone)}, key).last() == PAM_AUTH_ERR);
  // A code alone is no login: without the key nothing is asked, and nothing typed counts.
  const std::string unused = code();
  BOOST_TEST(ask_at("alice", {unused}).last() == PAM_AUTH_ERR);
  BOOST_TEST(ask_at("alice", {unused}, key).last() == PAM_SUCCESS);
  policy({{"mode", "off"}});
  service("test", "auth required " + module("first=passed") + "\n");
  BOOST_TEST(ask_at("alice", {}, key).last() == PAM_PERM_DENIED);  // PAM_IGNORE: nobody decides
}

BOOST_AUTO_TEST_CASE(T19_failmode_allow_stands_on_the_key) {
  service("test", "auth required " + module("first=publickey failmode=allow") + "\n");
  daemon.kill_now();
  BOOST_TEST(ask_at("alice", {}, key).last() == PAM_SUCCESS);
  BOOST_TEST(ask_at("alice", {}).last() == PAM_AUTH_ERR);
  BOOST_TEST(ask_at("no-such-account", {}, key).last() == PAM_AUTHINFO_UNAVAIL);
}

BOOST_AUTO_TEST_CASE(an_unknown_value_of_first_denies) {
  for (const std::string word :
       {"first=", "first=Passed", "first=password", "first=publickey,passed", "first"}) {
    stack("required", word);
    (void)logged();
    BOOST_TEST(ask_at("alice", {code()}, key).last() == PAM_SERVICE_ERR, word);
    const std::string log = logged();
    BOOST_TEST(log.contains("first"), log);
  }
}

BOOST_AUTO_TEST_SUITE_END()
