// SPDX-License-Identifier: Apache-2.0
// The acceptance table's rows about sign-ins, policy and machines, each as IT, the helpdesk and
// people at a desk live it.
#include <boost/test/unit_test.hpp>

#include "tests/e2e/support/desk.h"
#include "tests/e2e/support/processes.h"

using namespace countersign::test;

namespace {

std::string because(const Json& sign_in) { return text(sign_in, "because"); }
std::string machine_state(const Json& sign_in) {
  return text(sign_in.at("machine").as_object(), "state");
}
constexpr std::int64_t day = 86'400;

}  // namespace

BOOST_AUTO_TEST_SUITE(sign_ins)

BOOST_AUTO_TEST_CASE(B2_audiences_are_set_apart) {
  const Desk desk;
  (void)told(desk.daemon, {"user", "add", "sam"});
  (void)told(desk.daemon, {"user", "add", "cleo", "--audience", "client"});
  BOOST_TEST(because(desk.begin("sam", 0)) == "policy-off");
  (void)desk.policy("staff", {"--mode", "required"});
  (void)desk.policy("client", {"--mode", "optional"});
  const Json staff = desk.begin("sam", 11);
  BOOST_TEST(!staff.at("skippable").as_bool());
  BOOST_TEST(desk.begin("cleo", 11).at("skippable").as_bool());
  BOOST_TEST(text(told(desk.daemon, {"policy", "show", "staff"}), "mode") == "required");
  BOOST_TEST(told(desk.daemon, {"policy", "show"}).at("policies").as_array().size() == 2U);
  // An audience that IT adds; one that was mistyped is not open.
  BOOST_TEST(desk.daemon.cli({"policy", "set", "partner", "--mode", "off", "--yes"}).exit_code ==
             6);
  (void)told(desk.daemon, {"user", "add", "pat", "--audience", "partner"});
  BOOST_TEST(because(desk.begin("pat", 11)) == "no-factor");
  (void)desk.policy("partner", {"--new", "--mode", "off"});
  BOOST_TEST(because(desk.begin("pat", 0)) == "policy-off");
}

BOOST_AUTO_TEST_CASE(B3_only_passwords_are_asked_single_sign_on_is_not) {
  const Desk desk;
  (void)told(desk.daemon, {"user", "add", "sam"});
  (void)desk.policy("staff", {"--mode", "required"});
  BOOST_TEST(because(desk.begin("sam", 0, {"--service", "web"}, "sso")) == "single-sign-on");
  BOOST_TEST(because(desk.begin("sam", 11, {"--service", "web"}, "password")) == "no-factor");
  (void)desk.policy("staff", {"--ask-sso", "on"});
  BOOST_TEST(because(desk.begin("sam", 11, {"--service", "web"}, "sso")) == "no-factor");
}

BOOST_AUTO_TEST_CASE(B4_backup_codes_off_and_on_again) {
  const Desk desk;
  const auto& daemon = desk.daemon;
  add_user(daemon, "sam");
  const auto codes = enroll_backup_codes(daemon, "sam");
  const Phone phone = enroll_totp(daemon, "sam");
  (void)desk.policy("staff", {"--mode", "required"});
  BOOST_TEST(because(desk.answer(desk.begin("sam", 10), codes[0], 0)) == "verified");
  (void)desk.policy("staff", {"--backup-codes", "off"});
  const Json off = desk.begin("sam", 10);
  BOOST_TEST(off.at("factors").as_array().size() == 1U);
  (void)desk.answer(off, codes[1], 10);
  BOOST_TEST(verdict(daemon, "sam", codes[1]) != "verified");  // nor anywhere else
  BOOST_TEST(daemon.cli({"enroll", "backup-codes", "--user", "sam"}).exit_code == 5);
  (void)desk.policy("staff", {"--backup-codes", "on"});
  BOOST_TEST(because(desk.answer(desk.begin("sam", 10), codes[1], 0)) == "verified");
  (void)desk.answer(desk.begin("sam", 10), codes[0], 10);  // used is used
}

BOOST_AUTO_TEST_CASE(B5_looked_at_confirmed_and_in_force_at_once) {
  const Desk desk;
  const auto& daemon = desk.daemon;
  (void)told(daemon, {"user", "add", "sam", "--location", "berlin"});
  (void)told(daemon, {"user", "add", "zoe", "--location", "lisbon"});
  (void)enroll_totp(daemon, "sam");
  const Json dry = told(daemon, {"policy", "set", "staff", "--mode", "required", "--dry-run"});
  BOOST_TEST(!dry.at("applied").as_bool());
  BOOST_TEST(dry.at("verify").as_int64() == 1);
  BOOST_TEST(text(dry, "must_enroll") == R"(["zoe"])");
  BOOST_TEST(text(dry, "locations_without") == R"(["lisbon"])");
  BOOST_TEST(because(desk.begin("zoe", 0)) == "policy-off");  // nothing is set yet
  BOOST_TEST(daemon.cli({"policy", "set", "staff", "--mode", "required"}).exit_code ==
             2);  // not confirmed
  BOOST_TEST(daemon.call("PATCH", "/v1/policies/staff", R"({"mode":"required"})").status == 400);
  // Another change came between: what was looked at is not what would be set.
  (void)desk.policy("staff", {"--code-length", "8"});
  BOOST_TEST(daemon
                 .call("PATCH", "/v1/policies/staff",
                       R"({"mode":"required","confirm":")" + text(dry, "change") + "\"}")
                 .status == 400);
  (void)desk.policy("staff", {"--mode", "required"});
  BOOST_TEST(because(desk.begin("zoe", 11)) == "no-factor");
  BOOST_TEST(
      told(daemon, {"policy", "check", "staff"}, 1).at("locations_without").as_array().size() ==
      1U);
}

BOOST_AUTO_TEST_CASE(C1_everybody_enrols_at_the_next_sign_in_and_the_first_code_counts) {
  const Desk desk;
  add_user(desk.daemon, "sam");
  (void)desk.policy("staff", {"--mode", "required"});
  const Json asked = desk.begin("sam", 11);
  const Json begun = told(desk.daemon, {"sign-in", "enroll", text(asked, "id")});
  const Phone phone{.user = "sam", .id = text(begun, "id"), .secret = text(begun, "secret")};
  BOOST_TEST(
      desk.daemon
          .cli({"sign-in", "confirm", text(asked, "id"), "--code", wrong_code(desk.daemon, phone)})
          .exit_code == 2);
  BOOST_TEST(because(desk.begin("sam", 11)) == "no-factor");  // not before its first code
  const Json in = told(desk.daemon, {"sign-in", "confirm", text(asked, "id"), "--code",
                                     phone.code_at(now(desk.daemon))});
  BOOST_TEST(because(in) == "enrolled");
  BOOST_TEST(!text(in, "receipt").empty());
  BOOST_TEST(because(desk.answer(desk.begin("sam", 10), fresh_code(desk.daemon, phone), 0)) ==
             "verified");
}

BOOST_AUTO_TEST_CASE(C2_skip_for_now_is_remembered_and_undone) {
  const Desk desk;
  const auto& daemon = desk.daemon;
  add_user(daemon, "sam");
  (void)desk.policy("staff", {"--mode", "optional", "--skip-days", "30"});
  const Json asked = desk.begin("sam", 11);
  BOOST_TEST(because(told(daemon, {"sign-in", "skip", text(asked, "id")})) == "skipped");
  BOOST_TEST(because(desk.begin("sam", 0)) == "skipped");
  BOOST_TEST(told(daemon, {"user", "show", "sam"}).contains("skipped"));
  BOOST_TEST(daemon.cli({"user", "unskip", "sam"}).exit_code == 0);  // "enable MFA"
  const Json again = desk.begin("sam", 11);
  (void)told(daemon, {"sign-in", "skip", text(again, "id")});
  advance(daemon, 31 * day);
  (void)desk.begin("sam", 11);  // asked again
  (void)desk.policy("staff", {"--mode", "required"});
  BOOST_TEST(daemon.cli({"sign-in", "skip", text(desk.begin("sam", 11), "id")}).exit_code == 5);
}

BOOST_AUTO_TEST_CASE(C3_off_and_on_again_keeps_enrolments_unless_they_are_forgotten) {
  const Desk desk;
  const auto& daemon = desk.daemon;
  add_user(daemon, "sam");
  (void)told(daemon, {"user", "add", "cleo", "--audience", "client"});
  const Phone sam = enroll_totp(daemon, "sam");
  (void)enroll_totp(daemon, "cleo");
  (void)desk.policy("client", {"--mode", "required"});
  (void)desk.policy("staff", {"--mode", "required"});
  (void)desk.policy("staff", {"--mode", "off"});
  (void)desk.policy("staff", {"--mode", "required"});
  (void)desk.begin("sam", 10);
  (void)desk.policy("staff", {"--mode", "off", "--forget-enrolments"});
  (void)desk.policy("staff", {"--mode", "required"});
  BOOST_TEST(because(desk.begin("sam", 11)) == "no-factor");
  BOOST_TEST(verdict(daemon, "sam", fresh_code(daemon, sam)) != "verified");
  BOOST_TEST(text(told(daemon, {"authenticator", "show", sam.id}), "status") ==
             "revoked");  // and stays in the record
  (void)desk.begin("cleo", 10);
}

BOOST_AUTO_TEST_CASE(C3_forgetting_goes_on_after_a_kill_in_between) {
  Desk desk;
  auto& daemon = desk.daemon;
  constexpr int people = 600;
  const auto number = [](int i) { return "p" + std::to_string(1000 + i); };
  std::string users = "name\n";
  for (int i = 0; i < people; ++i) users += number(i) + "\n";
  write_file(desk.folder / "users.csv", users);
  (void)told(daemon, {"user", "import", desk.folder / "users.csv"});
  for (int i = 0; i < people; ++i)
    (void)ask(daemon, "POST", "/v1/enrollments",
              R"({"kind":"hotp","confirm":false,"user":")" + number(i) + "\"}");
  const auto events = [&] {
    return ask(daemon, "GET", "/v1/status").at("audit_events").as_int64();
  };
  const auto active = [&] {
    return ask(daemon, "GET", "/v1/authenticators?status=active")
        .at("authenticators")
        .as_array()
        .size();
  };
  const std::string wish = R"("mode":"required","forget_enrollments":true)";
  const Json preview =
      ask(daemon, "PATCH", "/v1/policies/staff", "{\"dry_run\":true," + wish + "}");
  const std::int64_t before = events();
  const Socket socket(daemon.socket());
  BOOST_TEST_REQUIRE(
      socket.send(request("PATCH", "/v1/policies/staff",
                          R"({"confirm":")" + text(preview, "change") + "\"," + wish + "}")));
  while (events() < before + 2) {
  }  // the policy, and somebody's enrolments
  daemon.kill_now();
  const std::string left =
      sqlite(desk.database(), "SELECT count(*) FROM authenticator WHERE status = 2");
  BOOST_TEST_MESSAGE("left when it was killed: " << left);
  daemon.start();
  BOOST_TEST(verdict(daemon, number(people - 1), "755224") != "verified");
  BOOST_TEST(becomes_true([&] { return active() == 0; }, 30'000));
  daemon.kill_now();
  BOOST_TEST(sqlite(desk.database(),
                    "SELECT length(value) FROM setting WHERE name = 'forgetting'") == "0\n");
}

BOOST_AUTO_TEST_CASE(C4_one_user_is_reset_with_the_skip_and_nobody_else) {
  const Desk desk;
  const auto& daemon = desk.daemon;
  for (const char* name : {"sam", "zoe", "kim"}) add_user(daemon, name);
  (void)enroll_totp(daemon, "sam");
  (void)enroll_totp(daemon, "zoe");
  (void)desk.policy("staff", {"--mode", "optional"});
  (void)told(daemon, {"sign-in", "skip", text(desk.begin("kim", 11), "id")});
  (void)told(daemon, {"user", "reset", "sam"});
  BOOST_TEST(because(desk.begin("sam", 11)) == "no-factor");
  (void)told(daemon, {"sign-in", "skip", text(desk.begin("sam", 11), "id")});
  (void)desk.begin("sam", 0);
  (void)told(daemon, {"user", "reset", "sam"});
  (void)desk.begin("sam", 11);  // the remembered skip is gone, too
  (void)desk.begin("zoe", 10);
  (void)desk.begin("kim", 0);
}

BOOST_AUTO_TEST_CASE(C5_only_administrators_see_or_change_the_policy) {
  const Desk desk;
  for (const char* role : {"user", "helpdesk", "auditor"}) {
    (void)desk.daemon.cli({"user", "add", std::string("u-") + role, "--role", role});
    (void)desk.daemon.cli({"user", "set", std::string("u-") + role, "--login", "nobody"});
    for (const auto& [method, target, body] :
         {std::tuple("GET", "/v1/policies", ""), std::tuple("GET", "/v1/policies/staff", ""),
          std::tuple("PATCH", "/v1/policies/staff", R"({"mode":"off","dry_run":true})"),
          std::tuple("POST", "/v1/machines/forget", "")})
      BOOST_TEST(desk.as_uid_asks(65534, method, target, body).starts_with("403 "),
                 role << " " << method << " " << target);
    (void)desk.daemon.cli({"user", "set", std::string("u-") + role, "--login", ""});
  }
  (void)desk.daemon.cli({"user", "add", "u-admin", "--role", "admin", "--login", "nobody"});
  BOOST_TEST(desk.as_uid_asks(65534, "GET", "/v1/policies").starts_with("200 "));
}

BOOST_AUTO_TEST_CASE(D1_methods_one_by_one) {
  const Desk desk;
  const auto& daemon = desk.daemon;
  add_user(daemon, "sam");
  const Phone phone = enroll_totp(daemon, "sam");
  const Phone token = enroll_hotp(daemon, "sam");
  (void)desk.policy("staff", {"--mode", "required", "--methods", "totp"});
  const Json totp = desk.begin("sam", 10);
  BOOST_TEST(text(totp, "factors") == R"(["totp"])");
  (void)desk.answer(totp, hotp_code(token, 0), 10);  // right, but of a kind that does not count
  BOOST_TEST(verdict(daemon, "sam", hotp_code(token, 0)) ==
             "wrong-code");  // nor outside of a sign-in
  (void)desk.policy("staff", {"--methods", "totp,hotp"});
  BOOST_TEST(because(desk.answer(desk.begin("sam", 10), hotp_code(token, 1), 0)) == "verified");
  const Json fido = told(daemon, {"policy", "set", "staff", "--methods", "fido2", "--dry-run"});
  BOOST_TEST(text(fido, "would_be_locked_out") == R"(["sam"])");
  BOOST_TEST(
      daemon.cli({"policy", "set", "staff", "--methods", "carrier-pigeon", "--yes"}).exit_code ==
      2);
  BOOST_TEST(
      daemon.cli({"policy", "set", "staff", "--methods", "totp", "--code-length", "3", "--yes"})
          .exit_code == 2);
}

BOOST_AUTO_TEST_CASE(D2_switching_off_needs_the_admins_own_fresh_verification) {
  const Desk desk;
  const auto& daemon = desk.daemon;
  (void)desk.policy("staff", {"--mode", "required", "--ask", "unrecognized", "--recognize-for",
                              "everyone"});  // no admin has a factor: bootstrap
  add_user(daemon, "sam");
  const Phone phone = enroll_totp(daemon, "sam");
  const Phone boss = desk.boss();
  (void)desk.answer(desk.begin("sam", 10), fresh_code(daemon, phone), 0);
  BOOST_TEST(because(desk.begin("sam", 0)) == "recognized");

  BOOST_TEST(daemon.cli({"policy", "set", "staff", "--mode", "off", "--yes"}).exit_code == 5);
  BOOST_TEST(daemon
                 .cli({"policy", "set", "staff", "--mode", "off", "--yes", "--as", "boss", "--code",
                       wrong_code(daemon, boss)})
                 .exit_code == 5);
  BOOST_TEST(daemon
                 .cli({"policy", "set", "staff", "--mode", "off", "--yes", "--as", "sam", "--code",
                       fresh_code(daemon, phone)})
                 .exit_code == 5);  // no administrator
  BOOST_TEST(daemon.cli({"machine", "forget", "--all"}).exit_code == 5);
  BOOST_TEST(daemon.cli({"user", "reset", "sam"}).exit_code == 5);
  (void)desk.policy("staff",
                    std::vector<std::string>{"--mode", "off", "--forget-machines"} + desk.as(boss));
  BOOST_TEST(because(desk.begin("sam", 0)) == "policy-off");
  (void)desk.policy("staff", {"--mode", "required"});  // tightening needs none
  BOOST_TEST(machine_state(desk.begin("sam", 10)) == "forgotten");
  const std::string record = daemon.cli({"audit", "list"}).out;
  BOOST_TEST(record.find("fresh:boss") != std::string::npos);
  BOOST_TEST(record.find("loosens") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(D3_who_has_not_configured_a_factor) {
  const Desk desk;
  add_user(desk.daemon, "sam");
  add_user(desk.daemon, "zoe");
  (void)enroll_totp(desk.daemon, "sam");
  const auto users = told(desk.daemon, {"user", "list", "--without-factor"}).at("users").as_array();
  BOOST_TEST(users.size() == 1U);
  BOOST_TEST(text(users[0].as_object(), "name") == "zoe");
}

BOOST_AUTO_TEST_CASE(D4_service_accounts_are_exempt_visibly_and_only_as_named) {
  const Desk desk("[[verifier]]\nname = \"sync\"\nuser = 990\nservices = [\"backup\", \"web\"]\n");
  const auto& daemon = desk.daemon;
  add_user(daemon, "syncer");
  (void)desk.policy("staff", {"--mode", "required"});
  (void)desk.begin("syncer", 11, {"--service", "backup"});
  (void)told(daemon, {"user", "set", "syncer", "--service-account", "990|backup"});
  BOOST_TEST(text(told(daemon, {"user", "show", "syncer"}), "service_account") == "990|backup");
  const auto ask_as = [&](uid_t uid, const char* service) {
    return desk.as_uid_asks(
        uid, "POST", "/v1/sign-ins",
        std::string(R"({"user":"syncer","primary":"password","service":")") + service + "\"}");
  };
  BOOST_TEST(ask_as(990, "backup").find(R"("decision":"allow","because":"service-account")") !=
                 std::string::npos,
             ask_as(990, "backup"));
  BOOST_TEST(ask_as(990, "web").find(R"("because":"not-this-service-account")") !=
             std::string::npos);
  BOOST_TEST(because(desk.begin("syncer", 1, {"--service", "backup"})) ==
             "not-this-service-account");  // another caller
  BOOST_TEST(daemon.cli({"user", "set", "syncer", "--service-account", "me|backup"}).exit_code ==
             2);
  // Marked from the start, listed as what it is, and nobody who lacks a factor.
  (void)told(daemon, {"user", "add", "robot", "--service-account", "990|backup"});
  BOOST_TEST(daemon.cli({"user", "add", "other", "--service-account", "990"}).exit_code == 2);
  add_user(daemon, "sam");
  const auto names = [&](std::vector<std::string> words) {
    return daemon.cli(std::move(words)).out;
  };
  BOOST_TEST(names({"user", "list", "--without-factor", "--names"}) == "sam\n");
  BOOST_TEST(names({"user", "list", "--without-factor", "--service-accounts", "--names"}) ==
             "robot\nsyncer\n");
  BOOST_TEST(names({"user", "list", "--names"}) == "robot\nsam\nsyncer\n");
  BOOST_TEST(names({"user", "list"}).contains("active, service account"));
  const auto users_at = [&](std::vector<std::string> words) {
    return told(daemon, std::move(words))
        .at("locations")
        .as_array()
        .at(0)
        .as_object()
        .at("users")
        .as_int64();
  };
  BOOST_TEST(users_at({"coverage"}) == 1);
  BOOST_TEST(users_at({"coverage", "--service-accounts"}) == 3);
}

BOOST_AUTO_TEST_CASE(
    E1_an_unrecognized_computer_asks_a_recognized_one_does_not_a_disused_one_does) {
  const Desk desk;
  const auto& daemon = desk.daemon;
  add_user(daemon, "sam");
  const Phone phone = enroll_totp(daemon, "sam");
  (void)desk.policy("staff", {"--mode", "required", "--ask", "unrecognized", "--disuse-days", "30",
                              "--maximum-days", "90"});
  const Json first = desk.begin("sam", 10);
  BOOST_TEST(machine_state(first) == "unrecognized");
  BOOST_TEST(machine_state(desk.answer(first, fresh_code(daemon, phone), 0)) == "recognized");
  BOOST_TEST(because(desk.begin("sam", 0)) == "recognized");
  for (int i = 0; i < 4; ++i) {  // used again and again it stays, for 90 days in all
    advance(daemon, 20 * day);
    BOOST_TEST(because(desk.begin("sam", 0)) == "recognized");
  }
  advance(daemon, 11 * day);
  BOOST_TEST(machine_state(desk.begin("sam", 10)) == "lapsed");
  (void)desk.answer(desk.begin("sam", 10), fresh_code(daemon, phone), 0,
                    {"--not-on-this-computer"});
  BOOST_TEST(machine_state(desk.begin("sam", 10)) == "lapsed");  // the person declined
  (void)desk.answer(desk.begin("sam", 10), fresh_code(daemon, phone), 0);
  (void)desk.begin("sam", 0);
  advance(daemon, 31 * day);
  BOOST_TEST(machine_state(desk.begin("sam", 10)) == "lapsed");
  // From elsewhere this machine's recognition counts for nothing.
  (void)desk.begin("sam", 10, {"--service", "web", "--elsewhere"});
}

// The story of rows E1 to E4 in ten lines of the command line.
BOOST_AUTO_TEST_CASE(E1_E2_E3_E4_a_kiosk_in_ten_lines) {
  const Desk desk;
  const auto& daemon = desk.daemon;
  // 1, 2: a location with Ann, who has a phone, and Ben, who has none.
  (void)told(daemon, {"user", "add", "ann", "--location", "berlin"});
  (void)told(daemon, {"user", "add", "ben", "--location", "berlin"});
  const Phone ann = enroll_totp(daemon, "ann");
  // 3: before switching on, IT hears whether each location has somebody (E4).
  BOOST_TEST(
      told(daemon, {"policy", "set", "staff", "--mode", "required", "--ask", "unrecognized",
                    "--recognize-for", "everyone", "--enroll-at-sign-in", "off", "--dry-run"})
          .at("locations_without")
          .as_array()
          .empty());
  // 4: switched on.
  (void)desk.policy("staff", {"--mode", "required", "--ask", "unrecognized", "--recognize-for",
                              "everyone", "--enroll-at-sign-in", "off"});
  // 5: Ben cannot pass there (E3).
  const Json ben = desk.begin("ben", 1);
  BOOST_TEST(because(ben) == "enrolment-closed");
  BOOST_TEST(text(ben, "advice").find("administrator") != std::string::npos);
  // 6, 7: Ann is asked there (E1), and her code makes the computer recognized for everyone (E2).
  BOOST_TEST(machine_state(desk.answer(desk.begin("ann", 10), fresh_code(daemon, ann), 0)) ==
             "recognized");
  // 8: now Ben passes.
  BOOST_TEST(because(desk.begin("ben", 0)) == "recognized");
  // 9: nobody uses it for a month.
  advance(daemon, 31 * day);
  // 10: it has lapsed; Ben has to wait for Ann again.
  BOOST_TEST(because(desk.begin("ben", 1)) == "enrolment-closed");
  (void)desk.begin("ann", 10);
}

BOOST_AUTO_TEST_CASE(E3_a_location_without_anybody_is_named) {
  const Desk desk;
  (void)told(desk.daemon, {"user", "add", "ann", "--location", "berlin"});
  (void)told(desk.daemon, {"user", "add", "ben", "--location", "lisbon"});
  (void)enroll_totp(desk.daemon, "ann");
  BOOST_TEST(text(told(desk.daemon, {"policy", "set", "staff", "--mode", "required", "--dry-run"}),
                  "locations_without") == R"(["lisbon"])");
  (void)told(desk.daemon, {"coverage"});
}

BOOST_AUTO_TEST_CASE(a_temporary_code_from_the_helpdesk_until_something_new_is_enrolled) {
  const Desk desk;
  const auto& daemon = desk.daemon;
  add_user(daemon, "sam");
  const Phone lost = enroll_totp(daemon, "sam");
  (void)desk.policy("staff", {"--mode", "required"});
  (void)told(daemon, {"authenticator", "revoke", lost.id});
  BOOST_TEST(because(desk.begin("sam", 1)) == "lost-factor");  // T18
  const std::string code = text(
      told(daemon, {"enroll", "temporary-code", "--user", "sam", "--for", "8h", "--uses", "3"}),
      "code");
  const Json in = desk.answer(desk.begin("sam", 10), code, 0);
  BOOST_TEST(because(in) == "verified");
  BOOST_TEST(in.at("aal").as_int64() == 1);
  const Phone found = [&] {  // and enrols in the same sign-in
    const Json begun = told(daemon, {"sign-in", "enroll", text(in, "id")});
    Phone phone{.user = "sam", .id = text(begun, "id"), .secret = text(begun, "secret")};
    (void)told(daemon,
               {"sign-in", "confirm", text(in, "id"), "--code", phone.code_at(now(daemon))});
    return phone;
  }();
  (void)desk.answer(desk.begin("sam", 10), code, 10);  // ended, though it had uses left
  BOOST_TEST(because(desk.answer(desk.begin("sam", 10), fresh_code(daemon, found), 0)) ==
             "verified");

  add_user(daemon, "zoe");
  const std::string late =
      text(told(daemon, {"enroll", "temporary-code", "--user", "zoe", "--for", "30m"}), "code");
  (void)desk.answer(desk.begin("zoe", 10), late, 0);
  BOOST_TEST(verdict(daemon, "zoe", late) != "verified");  // once
  const std::string later =
      text(told(daemon, {"enroll", "temporary-code", "--user", "zoe", "--for", "30m"}), "code");
  advance(daemon, 31 * 60);
  BOOST_TEST(verdict(daemon, "zoe", later) != "verified");
}

BOOST_AUTO_TEST_CASE(grace_is_for_named_services_of_the_same_session) {
  const Desk desk;
  const auto& daemon = desk.daemon;
  for (const char* name : {"sam", "zoe"}) add_user(daemon, name);
  const Phone phone = enroll_totp(daemon, "sam");
  (void)enroll_totp(daemon, "zoe");
  (void)desk.policy("staff", {"--mode", "required"});
  const auto begin = [&](const char* user, const char* service, const char* session, int exit_code,
                         const char* where = "--here") {
    return desk.begin(user, exit_code, {"--service", service, "--session", session, where});
  };
  (void)desk.answer(begin("sam", "login", "c1", 10), fresh_code(daemon, phone), 0);
  (void)begin("sam", "screen-unlock", "c1", 10);  // off by default
  (void)desk.policy("staff", {"--grace-hours", "4", "--grace-services", "screen-unlock"});
  (void)desk.answer(begin("sam", "login", "c1", 10), fresh_code(daemon, phone), 0);
  BOOST_TEST(because(begin("sam", "screen-unlock", "c1", 0)) == "grace");
  (void)begin("sam", "sudo", "c1", 10);
  (void)begin("sam", "screen-unlock", "c2", 10);
  (void)begin("zoe", "screen-unlock", "c1", 10);
  (void)begin("sam", "screen-unlock", "c1", 10, "--elsewhere");
  (void)ask(daemon, "POST", "/v1/sessions/end", R"({"session":"c1"})");
  (void)begin("sam", "screen-unlock", "c1", 10);
  (void)desk.answer(begin("sam", "login", "c3", 10), fresh_code(daemon, phone), 0);
  advance(daemon, 4 * 3600);
  (void)begin("sam", "screen-unlock", "c3", 10);
}

BOOST_AUTO_TEST_SUITE_END()
