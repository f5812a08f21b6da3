// SPDX-License-Identifier: Apache-2.0
// Row B1 of the acceptance table: TOTP with any authenticator app, as an administrator and a person
// live it.
#include <boost/test/unit_test.hpp>

#include <filesystem>

#include "tests/e2e/support/story.h"

using namespace countersign::test;

namespace {

Phone phone_of(const Json& enrolled, const std::string& user) {
  Phone phone;
  phone.user = user;
  phone.id = text(enrolled, "id");
  phone.secret = text(enrolled, "secret");
  if (enrolled.contains("algorithm")) phone.algorithm = text(enrolled, "algorithm");
  phone.digits = static_cast<int>(enrolled.at("digits").as_int64());
  if (enrolled.contains("period"))
    phone.period = static_cast<int>(enrolled.at("period").as_int64());
  return phone;
}

std::string status_of(const House& house, const std::string& id) {
  return text(told(house.daemon, {"authenticator", "show", id}), "status");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(totp)

BOOST_AUTO_TEST_CASE(B1_totp_with_any_authenticator_app) {
  const House house;
  const auto& daemon = house.daemon;
  BOOST_TEST(
      daemon
          .cli({"user", "add", "alice", "--name", "Alice A.", "--audience", "staff", "--location",
                "berlin", "--phone", "+491701234567", "--email", "a@example.org"})
          .exit_code == 0);

  const std::string png = house.folder / "alice.png";
  const Json enrolled = told(daemon, {"enroll", "totp", "--user", "alice", "--qr", png});
  BOOST_TEST(text(enrolled, "status") == "pending");
  const std::string uri = text(enrolled, "otpauth");
  BOOST_TEST(tool({"zbarimg", "--quiet", "--raw", png}) == uri + "\n");
  BOOST_TEST(uri.find("secret=" + text(enrolled, "secret")) != std::string::npos);
  BOOST_TEST(static_cast<unsigned>(std::filesystem::status(png).permissions()) == 0600U);

  // It does not count before its first code is confirmed.
  const Phone phone = phone_of(enrolled, "alice");
  BOOST_TEST(verdict(daemon, "alice", fresh_code(daemon, phone)) == "no-factor");
  const std::string first = fresh_code(daemon, phone);
  const Json bound = told(daemon, {"enroll", "confirm", phone.id, "--code", first});
  BOOST_TEST(text(bound, "status") == "active");
  BOOST_TEST(text(bound, "id") == phone.id);
  BOOST_TEST(text(told(daemon, {"verify", "--user", "alice", "--code", first}, 1), "reason") ==
             "used-code");

  const std::string code = fresh_code(daemon, phone);
  const Json verified = told(daemon, {"verify", "--user", "alice", "--code", code});
  BOOST_TEST(text(verified, "verdict") == "verified");
  BOOST_TEST(text(verified, "reason") == "");
  BOOST_TEST(text(verified, "authenticator") == phone.id);
  BOOST_TEST(text(verified, "amr") == R"(["otp"])");
  BOOST_TEST(verified.at("aal").as_int64() == 1);

  const Json replayed = told(daemon, {"verify", "--user", "alice", "--code", code}, 1);
  BOOST_TEST(text(replayed, "verdict") == "denied");
  BOOST_TEST(text(replayed, "reason") == "used-code");
  BOOST_TEST(text(replayed, "authenticator") == "");
  BOOST_TEST(text(replayed, "amr") == "[]");
  BOOST_TEST(replayed.at("aal").as_int64() == 0);

  const std::string typed = fresh_code(daemon, phone);
  const Ran by_stdin = daemon.cli({"verify", "--user", "alice", "--code-file", "-"},
                                  typed.substr(0, 3) + " " + typed.substr(3) + "\n");
  BOOST_TEST(by_stdin.exit_code == 0, by_stdin.out + by_stdin.err);
  BOOST_TEST(by_stdin.out.find("verified: alice") != std::string::npos, by_stdin.out);
}

BOOST_AUTO_TEST_CASE(B1_every_hash_and_length_that_apps_know) {
  const House house;
  for (const char* algorithm : {"SHA1", "SHA256", "SHA512"})
    for (const int digits : {6, 7, 8}) {
      BOOST_TEST_CONTEXT(algorithm << " with " << digits << " digits") {
        const std::string user = std::string(algorithm) + "-" + std::to_string(digits);
        add_user(house.daemon, user);
        const Phone phone =
            phone_of(told(house.daemon,
                          {"enroll", "totp", "--user", user, "--algorithm", algorithm, "--digits",
                           std::to_string(digits), "--period", digits == 8 ? "60" : "30"}),
                     user);
        BOOST_TEST(phone.algorithm == algorithm);
        BOOST_TEST(phone.digits == digits);
        BOOST_TEST(phone.period == (digits == 8 ? 60 : 30));
        (void)told(house.daemon,
                   {"enroll", "confirm", phone.id, "--code", fresh_code(house.daemon, phone)});
        const std::string code = fresh_code(house.daemon, phone);
        BOOST_TEST(static_cast<int>(code.size()) == digits);
        BOOST_TEST(verdict(house.daemon, user, code) == "verified");
        BOOST_TEST(verdict(house.daemon, user, code) == "used-code");
      }
    }
}

BOOST_AUTO_TEST_CASE(a_secret_that_was_made_elsewhere) {
  const House house;
  const auto& daemon = house.daemon;
  add_user(daemon, "carol");
  write_file(house.folder / "secret", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP\n");
  const Json bound = told(daemon, {"enroll", "totp", "--user", "carol", "--secret-file",
                                   house.folder / "secret", "--no-confirm"});
  BOOST_TEST(text(bound, "status") == "active");
  BOOST_TEST(text(bound, "secret") == "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");
  BOOST_TEST(verdict(daemon, "carol", fresh_code(daemon, phone_of(bound, "carol"))) == "verified");

  add_user(daemon, "dave");
  const Json piped =
      told(daemon, {"enroll", "totp", "--user", "dave", "--secret-file", "-", "--no-confirm"}, 0,
           "jbsw y3dp ehpk 3pxp jbsw y3dp ehpk 3pxp\n");
  BOOST_TEST(verdict(daemon, "dave", fresh_code(daemon, phone_of(piped, "dave"))) == "verified");

  for (const char* bad : {"JBSWY3DPEHPK3PX1", "", "JBSWY3DP", "not base32 at all!"}) {
    const Ran refused = daemon.cli({"enroll", "totp", "--user", "dave", "--secret-file", "-"}, bad);
    BOOST_TEST(refused.exit_code == 2, bad);
    BOOST_TEST(!refused.err.empty());
  }
}

BOOST_AUTO_TEST_CASE(a_wrong_first_code_leaves_it_pending_five_end_it) {
  const House house;
  const auto& daemon = house.daemon;
  add_user(daemon, "erin");
  const Phone phone = phone_of(told(daemon, {"enroll", "totp", "--user", "erin"}), "erin");
  // No code of any kind: not taken for one that was sent, and no try.
  const Ran no_code = daemon.cli({"enroll", "confirm", phone.id, "--code", "sesame"});
  BOOST_TEST(no_code.err.find("this is not a code") != std::string::npos, no_code.err);
  for (int wrong = 0; wrong < 4; ++wrong) {
    const Ran refused =
        daemon.cli({"enroll", "confirm", phone.id, "--code", wrong_code(daemon, phone)});
    BOOST_TEST(refused.exit_code == 2);
    BOOST_TEST(refused.err.find(std::to_string(4 - wrong) + " more") != std::string::npos,
               refused.err);
  }
  BOOST_TEST(status_of(house, text(told(daemon, {"enroll", "confirm", phone.id, "--code",
                                                 fresh_code(daemon, phone)}),
                                   "id")) == "active");

  add_user(daemon, "frank");
  const Phone other = phone_of(told(daemon, {"enroll", "totp", "--user", "frank"}), "frank");
  for (int wrong = 0; wrong < 5; ++wrong)
    BOOST_TEST(daemon.cli({"enroll", "confirm", other.id, "--code", wrong_code(daemon, other)})
                   .exit_code == (wrong < 4 ? 2 : 7));  // 7: that was the last try
  BOOST_TEST(
      daemon.cli({"enroll", "confirm", other.id, "--code", fresh_code(daemon, other)}).exit_code ==
      6);

  // An hour later nobody can confirm it any more.
  const Phone late = phone_of(told(daemon, {"enroll", "totp", "--user", "frank"}), "frank");
  advance(daemon, 3700);
  BOOST_TEST(
      daemon.cli({"enroll", "confirm", late.id, "--code", fresh_code(daemon, late)}).exit_code ==
      6);
  BOOST_TEST(verdict(daemon, "frank", fresh_code(daemon, late)) == "no-factor");
}

BOOST_AUTO_TEST_CASE(the_drift_of_a_phone_is_remembered) {
  const House house;
  const auto& daemon = house.daemon;
  add_user(daemon, "grace");
  const Phone phone = enroll_totp(daemon, "grace");
  // The middle of a step, so that the second that passes meanwhile changes nothing.
  advance(daemon, 45 - now(daemon) % 30);
  const auto shown = [&](int steps_off) {
    advance(daemon, 60);
    return phone.code_at(now(daemon) + steps_off * 30);
  };
  BOOST_TEST(verdict(daemon, "grace", shown(2)) ==
             "wrong-code");  // nobody knows yet that it runs ahead
  BOOST_TEST(verdict(daemon, "grace", shown(1)) == "verified");
  BOOST_TEST(verdict(daemon, "grace", shown(2)) == "verified");
  BOOST_TEST(verdict(daemon, "grace", shown(3)) == "verified");
  BOOST_TEST(verdict(daemon, "grace", shown(1)) == "wrong-code");
  BOOST_TEST(verdict(daemon, "grace", shown(2)) == "verified");
}

BOOST_AUTO_TEST_CASE(hotp_with_look_ahead_and_resync) {
  const House house;
  const auto& daemon = house.daemon;
  add_user(daemon, "heidi");
  const Json enrolled = told(daemon, {"enroll", "hotp", "--user", "heidi"});
  BOOST_TEST(text(enrolled, "otpauth").starts_with("otpauth://hotp/"));
  const Phone token = phone_of(enrolled, "heidi");
  (void)told(daemon, {"enroll", "confirm", token.id, "--code", hotp_code(token, 0)});
  BOOST_TEST(verdict(daemon, "heidi", hotp_code(token, 0)) != "verified");
  BOOST_TEST(verdict(daemon, "heidi", hotp_code(token, 1)) == "verified");
  BOOST_TEST(verdict(daemon, "heidi", hotp_code(token, 8)) == "verified");  // pressed in the pocket
  BOOST_TEST(verdict(daemon, "heidi", hotp_code(token, 5)) !=
             "verified");  // what was passed over is used
  BOOST_TEST(verdict(daemon, "heidi", hotp_code(token, 200)) == "wrong-code");  // too far
  BOOST_TEST(
      daemon
          .cli({"authenticator", "resync", token.id, hotp_code(token, 200), hotp_code(token, 202)})
          .exit_code == 2);
  BOOST_TEST(
      daemon
          .cli({"authenticator", "resync", token.id, hotp_code(token, 200), hotp_code(token, 201)})
          .exit_code == 0);
  BOOST_TEST(verdict(daemon, "heidi", hotp_code(token, 201)) != "verified");
  BOOST_TEST(text(told(daemon, {"verify", "--user", "heidi", "--code", hotp_code(token, 202)}),
                  "verdict") == "verified");
}

// RFC 6238 §6: a hardware token that lay in a drawer, minutes off.
BOOST_AUTO_TEST_CASE(T01_a_token_from_stock_whose_clock_is_off) {
  const House house;
  const auto& daemon = house.daemon;
  const std::string seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
  write_file(house.folder / "stock.csv",
             "serial,secret,type\nT1," + seed + ",totp\nT2," + seed + ",totp\n");
  (void)told(daemon, {"import", "csv", house.folder / "stock.csv", "--stock"});
  for (const char* name : {"alice", "bob"}) add_user(daemon, name);
  advance(daemon, 45 - now(daemon) % 30);
  std::int64_t begin = now(daemon);
  const auto shown = [&](const std::string& user, int off) {
    return Phone{.user = user, .id = {}, .secret = seed}.code_at(begin + off * 30);
  };

  // At enrolment: the first code does not match, and the message says what does.
  const std::string id =
      text(told(daemon, {"enroll", "totp", "--user", "alice", "--serial", "T1"}), "id");
  const Ran alone = daemon.cli({"enroll", "confirm", id, "--code", shown("alice", -7)});
  BOOST_TEST(alone.exit_code == 2);
  BOOST_TEST(alone.err.find("two consecutive codes") != std::string::npos, alone.err);
  BOOST_TEST(alone.err.find("--next") != std::string::npos, alone.err);
  BOOST_TEST(daemon
                 .cli({"enroll", "confirm", id, "--code", shown("alice", -7), "--next",
                       shown("alice", -5)})
                 .exit_code == 2);
  const Ran two = daemon.cli(
      {"enroll", "confirm", id, "--code", shown("alice", -7), "--next", shown("alice", -6)});
  BOOST_TEST(two.exit_code == 0, two.err);
  BOOST_TEST(verdict(daemon, "alice", shown("alice", -6)) == "used-code");
  BOOST_TEST(verdict(daemon, "alice", shown("alice", -5)) == "verified");

  // Bound already: by resync, and the drift counts from then on.
  const Json bound =
      told(daemon, {"enroll", "totp", "--user", "bob", "--serial", "T2", "--no-confirm"});
  BOOST_TEST(verdict(daemon, "bob", shown("bob", 200)) == "wrong-code");
  BOOST_TEST(
      daemon
          .cli({"authenticator", "resync", text(bound, "id"), shown("bob", 200), shown("bob", 202)})
          .exit_code == 2);
  BOOST_TEST(
      daemon
          .cli({"authenticator", "resync", text(bound, "id"), shown("bob", 200), shown("bob", 201)})
          .exit_code == 0);
  BOOST_TEST(
      daemon
          .cli({"authenticator", "resync", text(bound, "id"), shown("bob", 200), shown("bob", 201)})
          .exit_code == 2);
  BOOST_TEST(verdict(daemon, "bob", shown("bob", 201)) == "used-code");
  BOOST_TEST(verdict(daemon, "bob", shown("bob", 202)) == "verified");
  BOOST_TEST(verdict(daemon, "bob", shown("bob", 0)) == "wrong-code");
  advance(daemon, 3600);
  begin += 3600;
  BOOST_TEST(verdict(daemon, "bob", shown("bob", 202)) == "verified");
}

BOOST_AUTO_TEST_CASE(a_drift_that_came_with_an_import_counts_at_enrolment) {
  const House house;
  const auto& daemon = house.daemon;
  add_user(daemon, "alice");
  const std::string seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
  const std::string import = "/v1/imports/" + text(ask(daemon, "POST", "/v1/imports"), "id");
  const Json taken =
      ask(daemon, "POST", import + "/rows",
          R"({"rows":[{"serial":"T1","kind":"totp","secret":")" + seed + R"(","drift":100}]})");
  BOOST_TEST(taken.at("accepted").as_int64() == 1);
  (void)ask(daemon, "POST", import + "/finish", R"({"complete":true})");
  advance(daemon, 45 - now(daemon) % 30);
  const std::string id =
      text(told(daemon, {"enroll", "totp", "--user", "alice", "--serial", "T1"}), "id");
  const Phone token{.user = "alice", .id = id, .secret = seed};
  const std::int64_t begin = now(daemon);
  BOOST_TEST(daemon.cli({"enroll", "confirm", id, "--code", token.code_at(begin)}).exit_code == 2);
  BOOST_TEST(
      daemon.cli({"enroll", "confirm", id, "--code", token.code_at(begin + 100 * 30)}).exit_code ==
      0);
  BOOST_TEST(verdict(daemon, "alice", token.code_at(begin + 101 * 30)) == "verified");
}

BOOST_AUTO_TEST_SUITE_END()
