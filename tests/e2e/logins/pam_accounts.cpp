// SPDX-License-Identifier: Apache-2.0
// T52: the account behind a name; the account phase; logs that nobody reads. As root.
#include <security/pam_appl.h>

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <fstream>
#include <tuple>

#include "tests/e2e/support/pam_application.h"
#include "tests/e2e/support/pam_house.h"

using namespace countersign;
using namespace countersign::test;

namespace {

struct Etc {
  Etc() { own_etc(); }
};

const std::map<std::string, std::string> remote = {{"rhost", "192.0.2.7"}};

struct Accounts : PamHouse {
  Accounts() {
    stack("required");
    service("account",
            "account required " + module_for_everybody() + "\naccount required pam_unix.so\n");
  }
  Phone phone = person("alice");
  [[nodiscard]] std::string code() const { return fresh_code(daemon, phone); }
  [[nodiscard]] static Transacted log_in(const std::string& user, std::vector<std::string> typed) {
    return transact({.service = "test", .user = user, .typed = lines(std::move(typed))});
  }
  [[nodiscard]] static int account(const std::string& user,
                                   const std::map<std::string, std::string>& items = {},
                                   uid_t uid = 0) {
    return transact({.service = "account",
                     .user = user,
                     .items = items,
                     .uid = uid,
                     .steps = {"account"}})
        .last();
  }
  void suspend() const { (void)told(daemon, {"user", "suspend", name_of("alice")}); }
};

}  // namespace

BOOST_TEST_GLOBAL_FIXTURE(Etc);

BOOST_FIXTURE_TEST_SUITE(pam_accounts, Accounts)

BOOST_AUTO_TEST_CASE(T52_another_spelling_is_the_same_account) {
  service("test", "auth required pam_unix.so\nauth required " + module() + "\n");
  for (const std::string unknown : {"deny", "allow"}) {
    policy({{"unknown_users", unknown}});
    for (const std::string name : {"alice", "ALICE"}) {
      BOOST_TEST(log_in(name, {name + "'s password", "", ""}).last() == PAM_AUTH_ERR,
                 name << ", unknown users: " << unknown);
      BOOST_TEST(
          log_in(name, {name + "'s password", wrong_code(daemon, phone)}).last() == PAM_AUTH_ERR,
          name);
      BOOST_TEST(log_in(name, {name + "'s password", code()}).last() == PAM_SUCCESS,
                 name << ", unknown users: " << unknown);
    }
  }
  suspend();
  BOOST_TEST(account("ALICE") == PAM_AUTH_ERR);
}

BOOST_AUTO_TEST_CASE(T52_a_name_that_is_nobodys_stays_on_this_side) {
  service("test", "auth required " + module() + "\nauth required pam_permit.so\n");
  for (const std::string unknown : {"deny", "allow"}) {
    policy({{"unknown_users", unknown}});
    for (const std::string name :
         {"correct horse battery", "aLiCe", "login:alice", ":", "alice\n", "\xff", "../alice"}) {
      (void)logged();
      BOOST_TEST(log_in(name, {code()}).last() == PAM_AUTH_ERR, name);
      BOOST_TEST(!logged().contains("correct horse"));
    }
  }
  BOOST_TEST(!daemon.cli({"audit", "list"}).out.contains("correct horse"));
}

BOOST_AUTO_TEST_CASE(T52_names_hold_what_the_system_lets_them_hold) {
  (void)logged();
  BOOST_TEST(account("CORP\\dave", remote) == PAM_SUCCESS);
  BOOST_TEST(account("CORP\\dave", remote, 61004) == PAM_SUCCESS);
  BOOST_TEST(!logged().contains("not checked"));
  policy({{"unknown_users", "allow"}});
  service("test", "auth required " + module() + "\nauth required pam_permit.so\n");
  BOOST_TEST(log_in("CORP\\dave", {}).last() == PAM_SUCCESS);
}

BOOST_AUTO_TEST_CASE(T52_every_name_of_uid_0_is_root) {
  const Phone roots = person("root");
  for (const std::string name : {"root", "toor"}) {
    BOOST_TEST(log_in(name, {fresh_code(daemon, roots)}).last() == PAM_SUCCESS, name);
    BOOST_TEST(log_in(name, {code()}).last() == PAM_AUTH_ERR, name);
  }
}

// An entry as long as a directory makes them, and one that is longer than anybody takes.
BOOST_AUTO_TEST_CASE(T52_long_entries) {
  const std::string before = content_of("/etc/passwd");
  for (const auto& [name, uid, size] :
       {std::tuple("long", 61010, 50'000), std::tuple("endless", 61011, 2'000'000)})
    std::ofstream("/etc/passwd", std::ios::app)
        << name << ":x:" << uid << ":" << uid << ":"
        << std::string(static_cast<std::size_t>(size), 'x') << ":/:/bin/sh\n";
  const Phone phone_of_long = person("long");
  BOOST_TEST(log_in("long", {fresh_code(daemon, phone_of_long)}).last() == PAM_SUCCESS);
  const Phone phone_of_endless = person("endless");
  (void)logged();
  BOOST_TEST(log_in("endless", {fresh_code(daemon, phone_of_endless)}).last() == PAM_SYSTEM_ERR);
  BOOST_TEST(logged().contains("user database"));
  std::ofstream("/etc/passwd", std::ios::trunc) << before;
}

// Before the system knew the account, or by an earlier version.
BOOST_AUTO_TEST_CASE(T52_a_login_entered_in_another_case) {
  (void)told(daemon, {"user", "add", "zoe.person", "--login", "ZOE"});
  for (const std::string name : {"zoe", "ZOE"})
    std::ofstream("/etc/passwd", std::ios::app) << name << ":x:61020:61020::/:/bin/sh\n";
  std::ofstream("/etc/shadow", std::ios::app) << "zoe:*:19000:0:99999:7:::\n";
  const auto at_account = [](uid_t uid) {
    return transact({.service = "account", .user = "zoe", .uid = uid, .steps = {"account"}}).last();
  };
  for (const uid_t uid : {0U, 61020U}) BOOST_TEST(at_account(uid) == PAM_SUCCESS);
  (void)told(daemon, {"user", "suspend", "zoe.person"});
  for (const uid_t uid : {0U, 61020U}) BOOST_TEST(at_account(uid) == PAM_AUTH_ERR);
}

BOOST_AUTO_TEST_CASE(a_user_may_ask_about_itself_and_root_about_anybody) {
  (void)module_for_everybody();
  const auto asked = [&](uid_t uid, const std::string& login) {
    return as_uid(uid, [&] {
      const auto answer = daemon.call("GET", "/v1/accounts/" + login);
      return std::to_string(answer.status) + " " + (answer.status == 200 ? answer.body : "");
    });
  };
  const std::string free = R"(200 {"suspended":false,"code_digits":[6]})";
  const std::string suspended = R"(200 {"suspended":true,"code_digits":[6]})";
  for (const char* login : {"alice", "bob", "no-such-account", "CORP%5Cdave"})
    BOOST_TEST(asked(0, login) == free, login);
  BOOST_TEST(asked(61001, "alice") == free);
  BOOST_TEST(asked(61002, "bob") == free);  // whom the daemon does not know
  for (const char* login : {"alice", "bob", "no-such-account"})
    BOOST_TEST(asked(61003, login) == "403 ", login);
  suspend();
  BOOST_TEST(asked(0, "alice") == suspended);
  BOOST_TEST(asked(61001, "alice") == suspended);
  BOOST_TEST(asked(61003, "alice") == "403 ");
}

// A screen locker runs as the user.
BOOST_AUTO_TEST_CASE(the_account_phase_works_in_a_users_own_process) {
  for (const auto& items : {std::map<std::string, std::string>{}, remote}) {
    (void)logged();
    BOOST_TEST(account("alice", items, 61001) == PAM_SUCCESS);
    BOOST_TEST(account("bob", items, 61002) == PAM_SUCCESS);
    BOOST_TEST(!logged().contains("not checked"));
  }
  suspend();
  BOOST_TEST(account("alice", {}, 61001) == PAM_AUTH_ERR);
  BOOST_TEST(account("alice", remote, 61001) == PAM_AUTH_ERR);
}

BOOST_AUTO_TEST_CASE(after_its_own_auth_phase_the_account_phase_asks_nobody) {
  service("test", "auth required " + module() + "\naccount required " + module() +
                      "\naccount required pam_permit.so\n");
  const Transaction both{.service = "test",
                         .user = "alice",
                         .items = remote,
                         .typed = lines({code()}),
                         .steps = {"authenticate", "account"},
                         .between = [&] { suspend(); }};
  BOOST_TEST(transact(both).codes == (std::vector<int>{PAM_SUCCESS, PAM_SUCCESS}),
             boost::test_tools::per_element());
  BOOST_TEST(log_in("alice", {code()}).last() == PAM_AUTH_ERR);
}

BOOST_AUTO_TEST_CASE(T19_what_failmode_let_through_goes_on) {
  service("test", "auth required " + module("failmode=allow") +
                      "\nauth required pam_permit.so\naccount required " + module() +
                      "\naccount required pam_permit.so\n");
  daemon.kill_now();
  const Transacted in = transact(
      {.service = "test", .user = "alice", .items = remote, .steps = {"authenticate", "account"}});
  BOOST_TEST(in.codes == (std::vector<int>{PAM_SUCCESS, PAM_SUCCESS}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(T19_the_account_phase_without_an_answer) {
  service("open",
          "account required " + module("failmode=allow") + "\naccount required pam_permit.so\n");
  const auto open = [] {
    return transact({.service = "open", .user = "alice", .items = remote, .steps = {"account"}})
        .last();
  };
  const auto gone = [&](const char* how, int when_open) {
    (void)logged();
    for (const std::string name : {"root", "toor", "alice", "bob"})
      BOOST_TEST(account(name) == PAM_SUCCESS, how << ": " << name);
    const std::string log = logged();
    BOOST_TEST(log.contains("<84>"), log);  // authpriv.warning
    BOOST_TEST(log.contains("not checked whether alice is suspended"), log);
    for (const std::string name : {"root", "toor"})
      BOOST_TEST(account(name, remote) == PAM_SUCCESS, how << ": " << name);
    BOOST_TEST(account("alice", remote) == PAM_AUTHINFO_UNAVAIL, how);
    BOOST_TEST(open() == when_open, how);
  };
  (void)kill(daemon.pid(), SIGSTOP);
  gone("hung", PAM_AUTHINFO_UNAVAIL);
  (void)kill(daemon.pid(), SIGCONT);
  daemon.kill_now();
  gone("stopped", PAM_SUCCESS);
  (void)unlink(daemon.socket().c_str());
  gone("socket missing", PAM_SUCCESS);
}

// With syslog(3) each of these lines would wait for ever.
BOOST_AUTO_TEST_CASE(no_login_waits_for_a_log_that_nobody_reads) {
  stack("required", "debug");
  const std::string right = code() + "\n";
  const StuckLog stuck;
  BOOST_TEST(pam("alice", right).exit_code == 0);
  BOOST_TEST(pam("alice", "000000\n").exit_code == 1);
  BOOST_TEST(account("alice") == PAM_SUCCESS);
}

BOOST_AUTO_TEST_SUITE_END()
