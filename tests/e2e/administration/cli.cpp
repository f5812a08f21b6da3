// SPDX-License-Identifier: Apache-2.0
// The command line as people and scripts meet it: bad input, one JSON object, completions, the
// demo.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>

#include "tests/e2e/support/story.h"

using namespace countersign;
using namespace countersign::test;

namespace {

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// A message for people on standard error, nothing on standard output, and this exit code; with
// --json one object.
void require_refused(const DaemonProcess& daemon, std::vector<std::string> words, int exit_code,
                     const std::string& message = {}) {
  const Ran ran = daemon.cli(words);
  BOOST_TEST_CONTEXT(words.front() << " " << words.back().substr(0, 80) << " → "
                                   << ran.out.substr(0, 300) << ran.err.substr(0, 300)) {
    BOOST_TEST(ran.exit_code == exit_code);
    BOOST_TEST(!ran.err.empty());
    BOOST_TEST(ran.err.size() < 2000U);
    BOOST_TEST(ran.out.empty());
    BOOST_TEST(says(ran.err, message));
    words.emplace_back("--json");
    const Ran machine = daemon.cli(words);
    BOOST_TEST(machine.exit_code == exit_code);
    BOOST_TEST(!text(object_in(machine.out), "error").empty());
  }
}

std::string completed(const House& house, const std::string& shell_words) {
  write_file(house.folder / "completion.bash",
             tool({program("countersign"), "--print-tree", "bash"}));
  return tool(
      {"bash", "-c",
       "source " + (house.folder / "completion.bash") + "; COMP_WORDS=(" + shell_words +
           "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _countersign; echo \"${COMPREPLY[*]}\""});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cli)

BOOST_AUTO_TEST_CASE(help_is_a_word_too) {
  for (const auto& [words, usage] :
       {std::pair(std::vector<std::string>{"help"}, "Usage: countersign ["),
        {{"help", "user"}, "Usage: countersign user ["},
        {{"help", "user", "add"}, "Usage: countersign user add ["}}) {
    std::vector<std::string> all = {program("countersign")};
    all.insert(all.end(), words.begin(), words.end());
    const Ran ran = run(all);
    BOOST_TEST(ran.exit_code == 0);
    BOOST_TEST(ran.out.find(usage) != std::string::npos, ran.out);
  }
}

BOOST_AUTO_TEST_CASE(bad_input_gets_a_message_and_its_exit_code) {
  const House house;
  const auto& daemon = house.daemon;
  add_user(daemon, "alice");
  const Phone phone = enroll_totp(daemon, "alice");
  const std::int64_t before = ask(daemon, "GET", "/v1/status").at("audit_events").as_int64();
  for (const char* code :
       {"12345", "123456789", "12345a", "abcdef", " ", "０１２３４５", "12.456", "-",
        "1234567890123456789012345678901234567890123456789012345678901234567890"})
    require_refused(daemon, {"verify", "--user", "alice", std::string("--code=") + code}, 2,
                    "code");
  require_refused(daemon, {"verify", "--user", "alice", "--code-file", "/dev/null"}, 2, "code");
  require_refused(daemon, {"verify", "--user", "alice", "--code-file", house.folder / "nowhere"}, 2,
                  "nowhere");
  require_refused(daemon, {"verify", "--user", "alice", "--code", "123456", "--code-file", "-"}, 2);
  require_refused(daemon, {"verify", "--code", "123456"}, 2, "the user is missing");
  require_refused(daemon, {"verify", "--user", "alice", "--code", "123456", "--what"}, 2, "--what");
  require_refused(daemon, {"nonsense"}, 2);
  require_refused(daemon, {"user", "nonsense"}, 2);
  require_refused(daemon, {"user"}, 2);
  require_refused(daemon, {"user", "add"}, 2, "NAME");
  require_refused(daemon, {"user", "add", "alice"}, 6, "already");
  require_refused(daemon, {"user", "add", "bob", "--phone", "12345"}, 2, "phone");
  require_refused(daemon, {"user", "add", "bob", "--email", "nowhere"}, 2, "email");
  require_refused(daemon, {"user", "add", "bob", "--role", "king"}, 2, "king");
  require_refused(daemon, {"user", "show", "nobody-there"}, 6, "nobody-there");
  require_refused(daemon, {"user", "show", "../../etc/passwd"}, 6);
  require_refused(daemon, {"user", "reset", "nobody-there"}, 6);
  require_refused(daemon, {"enroll", "totp", "--user", "nobody-there"}, 6, "nobody-there");
  require_refused(daemon, {"enroll", "totp", "--user", "alice", "--digits", "5"}, 2, "digits");
  require_refused(daemon, {"enroll", "totp", "--user", "alice", "--digits", "six"}, 2, "digits");
  require_refused(daemon, {"enroll", "totp", "--user", "alice", "--period", "0"}, 2, "period");
  require_refused(daemon, {"enroll", "totp", "--user", "alice", "--algorithm", "MD5"}, 2, "MD5");
  require_refused(daemon, {"enroll", "backup-codes", "--user", "alice", "--count", "1000"}, 2,
                  "60");
  require_refused(daemon, {"enroll", "confirm", "no-such-id", "--code", "123456"}, 6);
  require_refused(daemon, {"enroll", "carrot", "--user", "alice"}, 2);
  require_refused(daemon, {"authenticator", "show", "no-such-id"}, 6);
  require_refused(daemon, {"authenticator", "resync", phone.id, "123456"}, 2);
  require_refused(daemon, {"audit", "prune", "--through", "1"}, 2, "--yes");
  require_refused(daemon, {"store", "resync"}, 2, "--yes");
  // Whoever does not exist is denied, not missing.
  const Ran unknown = daemon.cli({"verify", "--user", "nobody-there", "--code", "123456"});
  BOOST_TEST(unknown.exit_code == 1);
  BOOST_TEST(says(unknown.out, "no such user"), unknown.out);
  // Nothing of all this was recorded, but that verdict (asked once).
  BOOST_TEST(ask(daemon, "GET", "/v1/status").at("audit_events").as_int64() == before + 1);
  require_refused(daemon, {"import", "csv", "/nowhere"}, 2, "/nowhere");
  require_refused(daemon, {"import", "pskc", "/dev/null"}, 2);
}

BOOST_AUTO_TEST_CASE(a_wrong_word_is_named_with_those_that_there_are) {
  const House house;
  const auto& daemon = house.daemon;
  require_refused(daemon, {"nonsense"}, 2,
                  "there is no command 'nonsense'. Commands: verify, status,");
  require_refused(daemon, {"user"}, 2, "'countersign user' needs one more word: add,");
  require_refused(daemon, {"user", "nonsense"}, 2, "'countersign user' has no 'nonsense': add,");
  require_refused(daemon, {"enroll", "--user", "alice"}, 2, "totp, hotp,");
  require_refused(daemon, {"device", "virtual", "walk"}, 2,
                  "'countersign device virtual' has no 'walk': run");
  require_refused(daemon, {"user", "list", "--what"}, 2, "See 'countersign user list --help'");
  require_refused(daemon, {"verfy"}, 2, "there is no command 'verfy'. Did you mean 'verify'?");
  require_refused(daemon, {"user", "lits"}, 2, "has no 'lits'. Did you mean 'list'?");
  require_refused(daemon, {"user", "list", "--locaton", "berlin"}, 2,
                  "'countersign user list' has no option '--locaton'. Did you mean '--location'?");
  require_refused(
      daemon, {"verify", "alice"}, 2,
      "'countersign verify' does not expect 'alice': a user is named with --user alice");
  const Ran alone = run({program("countersign")});
  BOOST_TEST(alone.exit_code == 2);
  BOOST_TEST(says(alone.err, "a command is missing. Commands: verify, status,"), alone.err);
}

BOOST_AUTO_TEST_CASE(options_may_stand_before_the_verb) {
  const House house;
  const auto& daemon = house.daemon;
  add_user(daemon, "totp");  // a value that is spelled like a verb
  BOOST_TEST(text(told(daemon, {"enroll", "--user", "totp", "totp"}), "kind") == "totp");
  BOOST_TEST(text(told(daemon, {"enroll", "--user", "totp", "hotp"}), "kind") == "hotp");
  BOOST_TEST(text(told(daemon, {"enroll", "--kind", "hotp", "--user=totp", "--digits", "8"}),
                  "kind") == "hotp");
  BOOST_TEST(told(daemon, {"user", "--location", "berlin", "list"}).at("users").as_array().empty());
  BOOST_TEST(text(told(daemon, {"policy", "--mode", "off", "set", "staff", "--dry-run"}), "change")
                 .contains("staff"));
}

BOOST_AUTO_TEST_CASE(users_are_found_and_exported) {
  const House house;
  const auto& daemon = house.daemon;
  (void)told(daemon, {"user", "add", "alice", "--name", "Alice, \"A.\"", "--email", "a@example.org",
                      "--location", "berlin"});
  add_user(daemon, "bob");
  BOOST_TEST(daemon.cli({"user", "search", "ALI", "--names"}).out == "alice\n");
  BOOST_TEST(daemon.cli({"user", "search", "@example", "--names"}).out == "alice\n");
  BOOST_TEST(says(daemon.cli({"user", "search", "carol"}).out, "No user matches."));
  BOOST_TEST(told(daemon, {"user", "search", "b"}).at("users").as_array().size() == 1U);
  const std::string csv = daemon.cli({"user", "list", "--format", "csv"}).out;
  BOOST_TEST(says(csv,
                  "name,display_name,audience,location,phone,email,role,login,service_account,"
                  "factors,state"),
             csv);
  BOOST_TEST(says(csv, "alice,\"Alice, \"\"A.\"\"\",staff,berlin,,a@example.org,user,,,0,active"),
             csv);
  require_refused(daemon, {"user", "list", "--format", "xml"}, 2, "xml");
  // What the shell completes after --user.
  write_file(house.folder / "completion.bash",
             tool({program("countersign"), "--print-tree", "bash"}));
  const Ran typed =
      run({"bash", "-c",
           "export PATH=$1:$PATH COUNTERSIGN_SOCKET=$2; source $3; COMP_WORDS=(countersign enroll "
           "totp --user al); COMP_CWORD=4; _countersign; echo ${COMPREPLY[*]}",
           "-", std::filesystem::path(program("countersign")).parent_path(), daemon.socket(),
           house.folder / "completion.bash"});
  BOOST_TEST(typed.out == "alice\n", typed.err);
}

BOOST_AUTO_TEST_CASE(a_policy_shows_what_changes_and_what_it_rests_on) {
  const House house;
  const auto& daemon = house.daemon;
  const auto set = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"policy", "set", "staff"});
    return daemon.cli(std::move(more)).out;
  };
  const std::string on = set({"--mode", "required", "--methods", "+sms,-hotp", "--yes"});
  BOOST_TEST(says(on, "mode             required (was: off)"), on);
  BOOST_TEST(says(on, "totp, sms, backup-codes (was: "), on);
  BOOST_TEST(!says(on, "single sign-on"), on);  // stays as it is
  BOOST_TEST(
      says(set({"--methods", "-sms,+hotp", "--dry-run"}), "totp, hotp, backup-codes (was: "));
  BOOST_TEST(says(set({"--dry-run"}), "stays as it is"));
  require_refused(daemon, {"policy", "set", "staff", "--methods", "+sms,totp", "--dry-run"}, 2,
                  "+sms,-hotp");
  require_refused(daemon, {"policy", "set", "staff", "--methods", "+carrot", "--dry-run"}, 2,
                  "carrot");
  BOOST_TEST(daemon.cli({"policy", "check"}).exit_code == 0);
  BOOST_TEST(told(daemon, {"policy", "check"}).at("policies").as_array().size() == 2U);
  // The first administrator holds nothing yet: it says on what the loosening rests.
  const std::string off = set({"--mode", "off", "--yes"});
  BOOST_TEST(says(off, "It rests on bootstrap"), off);
  BOOST_TEST(says(off, "nobody is asked"), off);
  BOOST_TEST(!says(off, "with a working factor"), off);
  // An administrator who would lose the factor that they ask with is named before.
  (void)told(daemon, {"user", "add", "boss", "--role", "admin"});
  const Phone phone = enroll_totp(daemon, "boss");
  const std::string forgotten = set({"--forget-enrolments", "--dry-run"});
  BOOST_TEST(says(forgotten, "the factors of administrators end as well: boss"), forgotten);
  const std::string verified = set({"--mode", "optional", "--yes"});
  BOOST_TEST(!says(verified, "bootstrap"), verified);
  BOOST_TEST(
      says(set({"--mode", "off", "--yes", "--as", "boss", "--code", fresh_code(daemon, phone)}),
           "set: "));
}

BOOST_AUTO_TEST_CASE(without_a_terminal_the_message_names_the_option) {
  const House house;
  const Ran ran = run({"setsid", "--wait", program("countersign"), "--socket",
                       house.daemon.socket(), "verify", "--user", "alice"});
  BOOST_TEST(ran.exit_code == 2);
  BOOST_TEST(says(ran.err, "give the code with --code, or with --code-file"), ran.err);
}

BOOST_AUTO_TEST_CASE(an_empty_store_says_so_in_every_list) {
  const House house;
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"user", "list"},
                                             {"authenticator", "list"},
                                             {"machine", "list"},
                                             {"client", "list"},
                                             {"coverage"},
                                             {"device", "list"},
                                             {"audit", "list", "--last", "0"}}) {
    const Ran ran = house.daemon.cli(words);
    BOOST_TEST(ran.exit_code == 0);
    BOOST_TEST((ran.out.starts_with("There are no ") || ran.out.starts_with("No ")),
               words.front() << ": " << ran.out);
    BOOST_TEST(!told(house.daemon, words).empty());
  }
}

BOOST_AUTO_TEST_CASE(what_to_do_after_a_used_code_depends_on_the_code) {
  const House house;
  const auto& daemon = house.daemon;
  add_user(daemon, "alice");
  const std::vector<std::string> codes = enroll_backup_codes(daemon, "alice");
  const Phone phone = enroll_totp(daemon, "alice");
  const std::string code = fresh_code(daemon, phone);
  for (const std::string& each : {codes.at(0), code})
    BOOST_TEST(daemon.cli({"verify", "--user", "alice", "--code", each}).exit_code == 0);
  const Ran backup = daemon.cli({"verify", "--user", "alice", "--code", codes.at(0)});
  BOOST_TEST(says(backup.out, "take another one"), backup.out);
  BOOST_TEST(
      says(daemon.cli({"verify", "--user", "alice", "--code", code}).out, "wait for the next one"));
}

BOOST_AUTO_TEST_CASE(the_next_step_names_a_factor_that_the_user_has) {
  const House house;
  const auto& daemon = house.daemon;
  (void)told(daemon, {"policy", "set", "staff", "--mode", "required", "--yes"});
  const auto begun = [&](const std::string& user) {
    return daemon.cli(
        {"sign-in", "begin", "--user", user, "--service", "web", "--primary", "password"});
  };
  add_user(daemon, "alice");
  (void)enroll_totp(daemon, "alice");
  BOOST_TEST(says(begun("alice").out, " --code CODE"));
  BOOST_TEST(!says(begun("alice").out, "--tap"));
  BOOST_TEST(begun("alice").exit_code == 10);
  add_user(daemon, "bob");
  BOOST_TEST(begun("bob").exit_code == 11);
  BOOST_TEST(says(begun("bob").out, "next: countersign sign-in enroll "));
}

// The first command of the README, and what it can't undo later.
BOOST_AUTO_TEST_CASE(a_new_daemon_makes_its_folder_and_says_what_keys_are_bound_to) {
  const TemporaryFolder folder;
  const std::string place = folder / "new";
  const std::string script =
      program("countersignd") + " --state " + place + "/store --socket " + place + "/api.sock 2>" +
      (folder / "said") + " & daemon=$!; export COUNTERSIGN_SOCKET=" + place + "/api.sock; " +
      program("countersign") + " status --wait 20 && " + program("countersign") +
      " user add alice; code=$?; kill $daemon; wait $daemon; exit $code";
  const Ran first = run({"sh", "-c", script}, {}, 60);
  BOOST_TEST(first.exit_code == 0, first.err);
  BOOST_TEST(says(first.out, "added: user alice"));
  const std::string said = content_of(folder / "said");
  BOOST_TEST(says(said, "(the RP ID) only, for good"), said);
  BOOST_TEST(says(said, "set rp_id under [fido2]"), said);
  BOOST_TEST(run({"sh", "-c", script}, {}, 60).exit_code == 6);  // alice is there
  BOOST_TEST(!says(content_of(folder / "said"), "RP ID"));       // said once
  const Ran nowhere =
      run({program("countersignd"), "--state", folder / "no/such/store", "--socket", folder / "s"});
  BOOST_TEST(nowhere.exit_code == 6);
  BOOST_TEST(says(nowhere.err, "can't make the folder"), nowhere.err);
}

// What "Use it" in the README has for a shell, but for the lines that need a phone. No terminal:
// nothing is asked.
BOOST_AUTO_TEST_CASE(the_readme_can_be_pasted) {
  const std::string readme = content_of(std::string(COUNTERSIGN_SOURCE_DIR) + "/README.md");
  const std::size_t begin = readme.find("\n## Use it"), end = readme.find("\n## ", begin + 1);
  std::string script = "set -e\ntrap 'kill $(jobs -p)' EXIT\n";
  int blocks = 0;
  for (std::size_t at = readme.find("```sh\n", begin); at < end;
       at = readme.find("```sh\n", at + 1), ++blocks)
    script += readme.substr(at + 6, readme.find("```", at + 6) - at - 6);
  BOOST_TEST(blocks == 4);
  const std::string by_hand = "countersign verify --user alice ";
  const std::size_t asks = script.find(by_hand);
  BOOST_TEST_REQUIRE(asks != std::string::npos);
  script.replace(asks, by_hand.size(), "true ");
  const TemporaryFolder home;
  std::filesystem::create_directories(home / "build/release");
  std::filesystem::create_symlink(std::filesystem::path(program("countersign")).parent_path(),
                                  home / "build/release/bin");
  write_file(home / "script", script);
  const Ran pasted = run({"env", "-C", home.path(), "HOME=" + home.path(), "setsid", "--wait",
                          "bash", home / "script"},
                         {}, 120);
  BOOST_TEST(pasted.exit_code == 0, pasted.out << pasted.err);
  for (const char* done :
       {"added: user alice", "enroll confirm ", "Backup codes of alice", "verified: bob by fido2",
        "programmed: hmac of bob", "Enrolled as authenticator"})
    BOOST_TEST(says(pasted.out, done), done);
}

BOOST_AUTO_TEST_CASE(T17_a_mebibyte_in_any_field_is_refused) {
  const House house;
  const auto& daemon = house.daemon;
  add_user(daemon, "alice");
  const std::string longest(120'000, 'x');  // what one argument can hold
  require_refused(daemon, {"user", "add", longest}, 2);
  require_refused(daemon, {"user", "add", "bob", "--name", longest}, 2, "display_name");
  require_refused(daemon, {"user", "add", "bob", "--location", longest}, 2, "location");
  require_refused(daemon, {"enroll", "totp", "--user", "alice", "--label", longest}, 2, "label");
  require_refused(daemon, {"verify", "--user", "alice", "--code", longest}, 2, "code");
  require_refused(daemon, {"verify", "--user", longest, "--code", "123456"}, 2, "user");
  write_file(house.folder / "mebibyte", std::string(1 << 20, 'A'));
  require_refused(daemon, {"verify", "--user", "alice", "--code-file", house.folder / "mebibyte"},
                  2);
  require_refused(
      daemon, {"enroll", "totp", "--user", "alice", "--secret-file", house.folder / "mebibyte"}, 2);
  write_file(house.folder / "huge.csv",
             "serial,secret\n" + std::string(1 << 20, 'A') + ",JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP\n");
  require_refused(daemon,
                  {"import", "csv", house.folder / "huge.csv", "--user", "alice", "--partial",
                   "--dry-run", "--what"},
                  2);
  BOOST_TEST(daemon.cli({"import", "csv", house.folder / "huge.csv"}).exit_code == 2);
  const std::string mebibyte(1 << 20, 'x');
  for (const char* member : {"user", "code", "service"})
    BOOST_TEST(daemon
                   .call("POST", "/v1/verifications", boost::json::serialize([&] {
                           Json body{{"user", "alice"}, {"code", "123456"}, {"service", "x"}};
                           body[member] = mebibyte;
                           return body;
                         }()))
                   .status == 400);
  BOOST_TEST(
      daemon.call("POST", "/v1/verifications", R"({"user":"alice","code":"12\u0000456"})").status ==
      400);
  BOOST_TEST(told(daemon, {"user", "list"}).at("users").as_array().size() == 1U);
}

BOOST_AUTO_TEST_CASE(without_a_daemon_it_is_exit_3) {
  const TemporaryFolder folder;
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"status"},
                                             {"user", "list"},
                                             {"verify", "--user", "a", "--code", "123456"},
                                             {"enroll", "totp", "--user", "a"},
                                             {"audit", "verify"},
                                             {"key", "rotate"},
                                             {"coverage"}}) {
    std::vector<std::string> all = {program("countersign"), "--socket", folder / "nothing-here"};
    all.insert(all.end(), words.begin(), words.end());
    const Ran ran = run(all);
    BOOST_TEST_CONTEXT(words[0]) {
      BOOST_TEST(ran.exit_code == 3);
      BOOST_TEST(says(ran.err, folder / "nothing-here"), ran.err);
    }
    all.emplace_back("--json");
    BOOST_TEST(says(text(object_in(run(all).out), "error"), "nothing-here"));
  }
  // T19: a socket that nobody listens at any more denies as well.
  House house;
  house.daemon.kill_now();
  BOOST_TEST(house.daemon.cli({"verify", "--user", "alice", "--code", "123456"}).exit_code == 3);
  house.daemon.start();
  // The socket may be named by the environment, and --socket goes first.
  BOOST_TEST(
      run({"env", "COUNTERSIGN_SOCKET=" + house.daemon.socket(), program("countersign"), "status"})
          .exit_code == 0);
  BOOST_TEST(run({"env", "COUNTERSIGN_SOCKET=/nowhere", program("countersign"), "--socket",
                  house.daemon.socket(), "status"})
                 .exit_code == 0);
}

BOOST_AUTO_TEST_CASE(json_is_one_object_for_every_command) {
  const House house;
  const auto& daemon = house.daemon;
  BOOST_TEST(text(told(daemon, {"user", "add", "alice", "--login", "nobody"}), "name") == "alice");
  write_file(house.folder / "users.csv", "name\nbob\ncarol\n");
  write_file(house.folder / "tokens.csv", "serial,secret\nA1,JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP\n");
  write_file(house.folder / "uris", "otpauth://totp/x?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP\n");
  const Phone token = enroll_hotp(daemon, "alice");
  const Phone phone = enroll_totp(daemon, "alice");
  const Json pending = told(daemon, {"enroll", "totp", "--user", "alice"});
  Phone fresh{.user = "alice", .id = text(pending, "id"), .secret = text(pending, "secret")};
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"status"},
           {"user", "list"},
           {"user", "show", "alice"},
           {"user", "set", "alice", "--location", "x"},
           {"user", "suspend", "alice"},
           {"user", "resume", "alice"},
           {"user", "reopen", "alice"},
           {"user", "import", house.folder / "users.csv"},
           {"coverage"},
           {"enroll", "confirm", fresh.id, "--code", fresh.code_at(now(daemon))},
           {"enroll", "backup-codes", "--user", "alice"},
           {"enroll", "backup-codes", "--user", "alice", "--sheet", house.folder / "sheet"},
           {"enroll", "hotp", "--user", "alice"},
           {"enroll", "totp", "--user", "alice", "--qr", house.folder / "qr.svg"},
           {"verify", "--user", "alice", "--code", phone.code_at(now(daemon))},
           {"authenticator", "list"},
           {"authenticator", "show", phone.id},
           {"authenticator", "rename", phone.id, "x"},
           {"authenticator", "suspend", phone.id},
           {"authenticator", "resume", phone.id},
           {"authenticator", "resync", token.id, hotp_code(token, 50), hotp_code(token, 51)},
           {"authenticator", "revoke", phone.id},
           {"import", "csv", house.folder / "tokens.csv"},
           {"import", "otpauth", house.folder / "uris", "--user", "alice"},
           {"audit", "list"},
           {"audit", "list", "--last", "2"},
           {"audit", "verify"},
           {"audit", "export", "--file", house.folder / "record"},
           {"audit", "prune", "--through", "2", "--yes"},
           {"key", "rotate"},
           {"store", "resync", "--yes"},
           {"config", "check", house.config_file()},
           {"user", "reset", "alice"}}) {
    BOOST_TEST_CONTEXT(words[0] << " " << words.back()) {
      BOOST_CHECK_NO_THROW((void)told(daemon, words));
    }
  }
  const Ran doctor = daemon.cli({"doctor", "--json"});
  BOOST_TEST((doctor.exit_code == 0 ||
              doctor.exit_code == 1));  // the machine's clock may not be synchronised
  BOOST_TEST(object_in(doctor.out).contains("findings"));
  // Two shapes that are no object can't be asked for together with one.
  BOOST_TEST(told(daemon, {"authenticator", "list", "--format", "csv"}, 2).contains("error"));
  BOOST_TEST(told(daemon, {"audit", "export"}, 2).contains("error"));
}

BOOST_AUTO_TEST_CASE(completions_are_sound_and_complete) {
  const House house;
  for (const auto& [shell, check] :
       {std::pair("bash", "-n"), std::pair("zsh", "-n"), std::pair("fish", "--no-execute")}) {
    const std::string file = house.folder / (std::string("completion.") + shell);
    write_file(file, tool({program("countersign"), "--print-tree", shell}));
    BOOST_TEST(content_of(file).size() > 1000U);
    const Ran sound = run({shell, check, file});
    BOOST_TEST(sound.exit_code == 0, shell << ": " << sound.err);
  }
  BOOST_TEST(completed(house, "countersign us") == "user\n");
  BOOST_TEST(completed(house, "countersign user a") == "add\n");
  BOOST_TEST(completed(house, "countersign enroll to") == "totp\n");
  BOOST_TEST(completed(house, "countersign enroll totp --al") == "--algorithm\n");
  BOOST_TEST(completed(house, "countersign verify --co") == "--code --code-file\n");
  BOOST_TEST(says(completed(house, "countersign ''"), "verify"));
  BOOST_TEST(completed(house, "countersign policy set staff --mode ''") ==
             "off optional required\n");
  BOOST_TEST(completed(house, "countersign policy set staff --mode r") == "required\n");
  BOOST_TEST(completed(house, "countersign user add x --role a") == "auditor admin\n");
  BOOST_TEST(completed(house, "countersign user add x --phone ''") == "\n");
  // fish and zsh, asked as a person would press Tab.
  const std::string fish =
      tool({"fish", "--no-config", "-c",
            "source " + (house.folder / "completion.fish") + "; complete -C 'countersign user a'"});
  BOOST_TEST(says(fish, "add"), fish);
  BOOST_TEST(says(
      tool({"fish", "--no-config", "-c",
            "source " + (house.folder / "completion.fish") + "; complete -C 'countersign us'"}),
      "user"));
  // Every noun that the help names is completed.
  const std::string help = tool({program("countersign"), "--help"});
  const std::string top = completed(house, "countersign ''");
  for (const char* noun :
       {"verify", "status", "enroll", "user", "authenticator", "import", "coverage", "audit", "key",
        "store", "config", "debug", "doctor", "demo"}) {
    BOOST_TEST(says(help, noun));
    BOOST_TEST(says(top, noun));
  }
}

BOOST_AUTO_TEST_CASE(help_and_manual_show_choices) {
  const std::string manual = tool({program("countersign"), "--print-tree", "scdoc"});
  BOOST_TEST(!says(manual, "VALUE"));
  BOOST_TEST(!says(manual, "TEXT"));
  BOOST_TEST(says(manual, "*--mode* _off|optional|required_"));
  BOOST_TEST(says(manual, "*user*: add, set, show, list"));
  const std::string help = tool({program("countersign"), "policy", "set", "--help"});
  BOOST_TEST(says(help, "--mode off|optional|required"));
  BOOST_TEST(!says(help, "TEXT"));
}

BOOST_AUTO_TEST_CASE(the_demo_tells_its_story) {
  const Ran demo = run({program("countersign"), "demo"}, {}, 120);
  BOOST_TEST(demo.exit_code == 0, demo.err);
  for (const char* part :
       {"countersign user add", "countersign enroll totp", "countersign verify", "used", "backup",
        "enroll fido2", "verified: bob by fido2", "A tap alone", "verified: dave by yubico-otp",
        "the code was used already", "verified: dave by hmac", "too many", "--without-factor",
        "audit verify", "intact"})
    BOOST_TEST(says(demo.out, part), part);
}

BOOST_AUTO_TEST_SUITE_END()
