// SPDX-License-Identifier: Apache-2.0
// Who is meant: users' names without regard to case, and accounts on this host by what the system
// says, whatever was typed (T52).
#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "tests/e2e/support/desk.h"

using namespace countersign::test;

namespace {

// A user database of this test's own: ALICE is the same account as alice, as an NSS without regard
// to case resolves it. The daemon and all that the test runs see it; nobody else does. (root)
struct OwnAccounts {
  static constexpr uid_t alice = 41001, dave = 41002;

  OwnAccounts() {
    write_file(
        folder_ / "passwd",
        content_of("/etc/passwd") +
            "alice:x:41001:41001::/:/bin/sh\nALICE:x:41001:41001::/:/bin/"
            "sh\nCORP\\dave:x:41002:41002::/:/bin/sh\ndave@corp.example:x:41002:41002::/:/bin/sh\n",
        0644);
    const std::string file = folder_ / "passwd";
    BOOST_TEST_REQUIRE(unshare(CLONE_NEWNS) == 0);
    BOOST_TEST_REQUIRE(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
    BOOST_TEST_REQUIRE(mount(file.c_str(), "/etc/passwd", nullptr, MS_BIND, nullptr) == 0);
  }
  // The namespace stays this process's own: going back to the one before would leave a chroot.
  ~OwnAccounts() { (void)umount2("/etc/passwd", MNT_DETACH); }
  OwnAccounts(const OwnAccounts&) = delete;
  OwnAccounts& operator=(const OwnAccounts&) = delete;

 private:
  TemporaryFolder folder_;
};

std::string user_of(const Json& answer) { return text(answer, "user"); }

}  // namespace

BOOST_AUTO_TEST_SUITE(names)

BOOST_AUTO_TEST_CASE(T52_names_as_directories_have_them_are_imported_and_found) {
  const House house;
  const auto& daemon = house.daemon;
  const std::vector<std::string> all = {"o'brien",    "jörg",       "anna maria",        "web$",
                                        "user/admin", "CORP\\dave", "frank@corp.example"};
  write_file(house.folder / "users.csv",
             "name,login\no'brien,obrien\njörg,joerg\n\"anna "
             "maria\",amaria\nweb$,web$\nuser/admin,ua\nCORP\\dave,CORP\\dave\n"
             "frank@corp.example,frank@corp.example\n");
  const Json imported = told(daemon, {"user", "import", house.folder / "users.csv"});
  BOOST_TEST(told(daemon, {"user", "list"}).at("users").as_array().size() == all.size(), imported);
  for (const std::string& name : all) {
    BOOST_TEST(text(told(daemon, {"user", "show", name}), "name") == name);
    const Phone phone = enroll_totp(daemon, name);
    BOOST_TEST(verdict(daemon, name, fresh_code(daemon, phone)) == "verified");
    (void)told(daemon, {"user", "set", name, "--location", "berlin"});
    (void)told(daemon, {"user", "unskip", name});
  }
  for (const char* other : {"O'BRIEN", "JÖRG", "Anna Maria", "USER/ADMIN", "corp\\DAVE"})
    (void)told(daemon, {"user", "show", other});
  BOOST_TEST(text(told(daemon, {"user", "show", "login:CORP\\dave"}), "name") == "CORP\\dave");
}

BOOST_AUTO_TEST_CASE(T52_a_name_in_another_case_is_the_same_user) {
  const House house;
  const auto& daemon = house.daemon;
  add_user(daemon, "alice");
  const Ran again = daemon.cli({"user", "add", "ALICE"});
  BOOST_TEST(again.exit_code == 6);
  BOOST_TEST(again.err.contains("'alice'"), again.err);
  const Phone phone = enroll_totp(daemon, "Alice");
  BOOST_TEST(text(told(daemon, {"user", "show", "ALICE"}), "name") == "alice");
  BOOST_TEST(verdict(daemon, "aLICE", fresh_code(daemon, phone)) == "verified");
  BOOST_TEST(daemon.cli({"audit", "list", "--last", "1"}).out.contains("\"user\":\"alice\""));
  BOOST_TEST(user_of(told(daemon,
                          {"sign-in", "begin", "--user", "ALICE", "--primary", "password",
                           "--service", "web"},
                          0)) == "alice");
  write_file(house.folder / "users.csv", "name\nbob\nBOB\nAlice\n");
  const Ran import = daemon.cli({"user", "import", house.folder / "users.csv"});
  BOOST_TEST(import.exit_code != 0);
  (void)told(daemon, {"user", "set", "ALICE", "--rename", "Alice"});
  BOOST_TEST(text(told(daemon, {"user", "show", "alice"}), "name") == "Alice");
}

// A store from before there was this rule.
BOOST_AUTO_TEST_CASE(
    T52_a_store_with_two_names_that_differ_by_case_opens_says_which_and_lets_rename) {
  House house;
  auto& daemon = house.daemon;
  for (const char* name : {"alice", "beatrice", "carol"}) add_user(daemon, name);
  const Phone lower = enroll_totp(daemon, "alice"), upper = enroll_totp(daemon, "beatrice");
  BOOST_TEST(daemon.stop() == 0);
  (void)sqlite(house.database(),
               "DROP INDEX user_folded; DROP INDEX user_clash; DROP INDEX user_login_folded; ALTER "
               "TABLE user DROP COLUMN folded; ALTER TABLE user DROP COLUMN clash;"
               "ALTER TABLE user DROP COLUMN login_folded; UPDATE user SET name = 'ALICE' WHERE "
               "name = 'beatrice'; PRAGMA user_version = 4");
  daemon.start();
  catch_up(daemon);
  BOOST_TEST(boost::json::serialize(told(daemon, {"status"}).at("names_by_case")) ==
             R"(["ALICE","alice"])");
  BOOST_TEST(daemon.cli({"doctor"}).out.contains("ALICE, alice"));
  BOOST_TEST(!as_uid(65534, [&] {
                return daemon.call("GET", "/v1/status").body;
              }).contains("ALICE"));  // others are not told
  BOOST_TEST(verdict(daemon, "alice", fresh_code(daemon, lower)) == "verified");
  BOOST_TEST(verdict(daemon, "ALICE", fresh_code(daemon, upper)) == "verified");
  BOOST_TEST(verdict(daemon, "ALICE", fresh_code(daemon, lower)) != "verified");
  BOOST_TEST(daemon.cli({"user", "show", "Alice"}).exit_code ==
             6);  // which of the two is not to be guessed
  BOOST_TEST(daemon.cli({"user", "add", "Alice"}).exit_code == 6);
  (void)told(daemon,
             {"user", "set", "ALICE", "--location", "berlin"});  // both can be changed as ever
  BOOST_TEST(daemon.cli({"user", "set", "ALICE", "--rename", "CAROL"}).exit_code == 6);
  (void)told(daemon, {"user", "set", "ALICE", "--rename", "Beatrice"});
  BOOST_TEST(!told(daemon, {"status"}).contains("names_by_case"));
  BOOST_TEST(text(told(daemon, {"user", "show", "ALICE"}), "name") == "alice");
  BOOST_TEST(verdict(daemon, "beatrice", fresh_code(daemon, upper)) == "verified");
}

BOOST_AUTO_TEST_CASE(T52_an_account_is_what_the_system_says_whatever_was_typed) {
  const OwnAccounts accounts;
  const Desk desk;
  const auto& daemon = desk.daemon;
  (void)told(daemon, {"user", "add", "al", "--login", "ALICE"});
  BOOST_TEST(text(told(daemon, {"user", "show", "al"}), "login") == "alice");
  (void)told(daemon, {"user", "add", "dave", "--login", "dave@corp.example"});
  BOOST_TEST(text(told(daemon, {"user", "show", "dave"}), "login") == "CORP\\dave");
  const Phone phone = enroll_totp(daemon, "al");
  (void)desk.policy("staff", {"--mode", "required", "--unknown-users", "allow"});
  for (const char* typed : {"login:alice", "login:ALICE", "al", "AL"})
    BOOST_TEST(user_of(desk.begin(typed, 10)) == "al");
  for (const char* typed : {"login:CORP\\dave", "login:dave@corp.example"})
    BOOST_TEST(user_of(desk.begin(typed, 11)) == "dave");
  BOOST_TEST(text(verify(daemon, "login:ALICE", fresh_code(daemon, phone)), "verdict") ==
             "verified");
  BOOST_TEST(text(told(daemon, {"user", "show", "login:ALICE"}), "name") == "al");

  // Nobody else gets the account by another spelling.
  for (const char* spelling : {"alice", "ALICE"}) {
    const Ran refused = daemon.cli({"user", "add", "thief", "--login", spelling});
    BOOST_TEST(refused.exit_code == 6);
    BOOST_TEST(refused.err.contains("'al'"), refused.err);
  }
  add_user(daemon, "thief");
  BOOST_TEST(daemon.cli({"user", "set", "thief", "--login", "dave@corp.example"}).exit_code == 6);
  write_file(desk.folder / "users.csv", "name,login\nmallory,ALICE\n");
  BOOST_TEST(daemon.cli({"user", "import", desk.folder / "users.csv"}).exit_code != 0);
  const Json people = told(daemon, {"user", "import", "--nss", "--dry-run"},
                           2);  // alice and dave are somebody's, and nobody is in twice
  BOOST_TEST(!boost::json::serialize(people).contains("twice"), people);
  // Who connects is known by the uid.
  BOOST_TEST(desk.as_uid_asks(OwnAccounts::alice, "GET", "/v1/users/al").starts_with("200 "));
  BOOST_TEST(
      desk.as_uid_asks(OwnAccounts::alice, "GET", "/v1/users/login%3Aalice").starts_with("200 "));
  BOOST_TEST(desk.as_uid_asks(OwnAccounts::alice, "GET", "/v1/users/login%3AALICE")
                 .starts_with("403 "));  // the system is not asked for everybody
  BOOST_TEST(desk.as_uid_asks(OwnAccounts::dave, "GET", "/v1/users/al").starts_with("403 "));
}

// Entered by an earlier version, or when the system did not know the account.
BOOST_AUTO_TEST_CASE(T52_a_login_that_was_kept_in_another_case_is_still_that_account) {
  House house;
  auto& daemon = house.daemon;
  (void)told(daemon, {"user", "add", "al", "--login", "ALICE"});
  const Phone phone = enroll_totp(daemon, "al");
  BOOST_TEST(text(told(daemon, {"user", "show", "al"}), "login") == "ALICE");
  BOOST_TEST(daemon.stop() == 0);
  const OwnAccounts accounts;
  daemon.start();
  catch_up(daemon);
  (void)chmod(house.folder.path().c_str(), 0755);
  BOOST_TEST(text(verify(daemon, "login:alice", fresh_code(daemon, phone)), "verdict") ==
             "verified");
  BOOST_TEST(daemon.cli({"user", "add", "thief", "--login", "alice"}).exit_code == 6);
  BOOST_TEST(as_uid(OwnAccounts::alice, [&] {
               return daemon.call("GET", "/v1/users/al").body;
             }).contains("\"al\""));
}

BOOST_AUTO_TEST_SUITE_END()
