// SPDX-License-Identifier: Apache-2.0
// What thieves of machines, sessions and passwords try against sign-ins, and what others make of a
// receipt.
#include <boost/test/unit_test.hpp>

#include "tests/e2e/support/desk.h"
#include "tests/e2e/support/processes.h"

using namespace countersign::test;

namespace {

constexpr std::int64_t day = 86'400;

std::string because(const Json& sign_in) { return text(sign_in, "because"); }
Json machine(const Json& sign_in) { return sign_in.at("machine").as_object(); }
std::string here(const std::string& name) {
  return std::string(COUNTERSIGN_E2E_FOLDER) + "/" + name;
}

// Recognition for who verified, at the desk and in browsers.
struct Watched : Desk {
  Phone sam;
  explicit Watched(const std::string& config = {}) : Desk(config) {
    add_user(daemon, "sam");
    sam = enroll_totp(daemon, "sam");
    (void)policy("staff", {"--mode", "required", "--ask", "unrecognized"});
  }
  [[nodiscard]] std::string file(const std::string& name, const std::string& content) const {
    write_file(folder / name, content);
    return folder / name;
  }
  // A sign-in from a browser that keeps this value; empty: none.
  [[nodiscard]] Json from_browser(const std::string& value, int exit_code,
                                  const std::string& user = "sam") const {
    return begin(
        user, exit_code,
        {"--service", "web", "--elsewhere", "--cookie-file", file("cookie", value + "\n")});
  }
  [[nodiscard]] std::string recognized_browser() const {
    return text(machine(answer(from_browser("", 10), fresh_code(daemon, sam), 0)), "cookie");
  }
};

std::string prove(const Desk& desk, const std::string& seed, const Json& sign_in,
                  const std::string& signed_seed = {}) {
  std::vector<std::string> words = {"/usr/bin/python3",
                                    "-B",
                                    here("host_proof.py"),
                                    "prove",
                                    desk.folder / "host.pem",
                                    seed,
                                    text(sign_in, "challenge"),
                                    text(sign_in, "id"),
                                    "web"};
  if (!signed_seed.empty()) words.push_back(signed_seed);
  return tool(words);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sign_in_threats)

BOOST_AUTO_TEST_CASE(T36_a_lost_answer_does_not_block_a_browsers_machine) {
  const Watched desk;
  const std::string first = desk.recognized_browser();
  {
    // The browser asks, and does not get the answer.
    const std::string body =
        R"({"user":"sam","service":"web","primary":"password","cookie":")" + first + "\"}";
    const Socket socket(desk.daemon.socket());
    const std::int64_t before = ask(desk.daemon, "GET", "/v1/status").at("audit_events").as_int64();
    BOOST_TEST_REQUIRE(socket.send(request("POST", "/v1/sign-ins", body)));
    BOOST_TEST_REQUIRE(becomes_true([&] {
      return ask(desk.daemon, "GET", "/v1/status").at("audit_events").as_int64() > before;
    }));
  }
  const Json again = desk.from_browser(first, 0);
  BOOST_TEST(because(again) == "recognized");
  const Json once_more = desk.from_browser(first, 0);  // lost once more
  BOOST_TEST(because(once_more) == "recognized");
  const std::string second = text(machine(once_more), "cookie");
  const std::string third = text(machine(desk.from_browser(second, 0)), "cookie");
  BOOST_TEST(because(desk.from_browser(third, 0)) == "recognized");
  // The answer that was thought lost had gone to somebody else.
  BOOST_TEST(because(desk.from_browser(text(machine(again), "cookie"), 1)) == "machine-blocked");
}

BOOST_AUTO_TEST_CASE(T36_the_reuse_of_a_value_whose_successor_was_used_blocks_the_machine) {
  const Watched desk;
  const std::string first = desk.recognized_browser();
  const Json in = desk.from_browser(first, 0);
  BOOST_TEST(because(in) == "recognized");
  const std::string used = text(machine(in), "cookie");
  BOOST_TEST(used != first);
  const std::string second = text(machine(desk.from_browser(used, 0)), "cookie");
  const Json reused = desk.from_browser(first, 1);  // the thief comes with the copy
  BOOST_TEST(because(reused) == "machine-blocked");
  const Json waits = desk.from_browser(second, 1);
  BOOST_TEST(because(waits) == "machine-blocked");  // and the browser itself waits for the helpdesk
  const std::string third = text(machine(waits), "cookie");
  BOOST_TEST(desk.daemon.cli({"audit", "list"}).out.find("machine.reuse") != std::string::npos);
  const auto machines =
      told(desk.daemon, {"machine", "list", "--status", "blocked"}).at("machines").as_array();
  BOOST_TEST_REQUIRE(machines.size() == 1U);
  (void)told(desk.daemon, {"machine", "forget", text(machines[0].as_object(), "id")});
  BOOST_TEST(text(machine(desk.from_browser(third, 10)), "state") == "forgotten");
  // A value that we never made does nothing.
  std::string forged = third;
  forged[20] = forged[20] == 'A' ? 'B' : 'A';
  BOOST_TEST(text(machine(desk.from_browser(forged, 10)), "state") == "unrecognized");
  BOOST_TEST(told(desk.daemon, {"machine", "list", "--status", "blocked"})
                 .at("machines")
                 .as_array()
                 .empty());
}

BOOST_AUTO_TEST_CASE(T36_a_host_proves_itself_by_a_fresh_signature_over_its_own_digests) {
  const Watched desk;
  const auto& daemon = desk.daemon;
  (void)tool({"/usr/bin/python3", "-B", here("host_proof.py"), "key", desk.folder / "host.pem"});
  const std::vector<std::string> elsewhere = {"--service", "web", "--elsewhere"};
  const auto send = [&](const Json& sign_in, const std::string& body) {
    return daemon.call("POST", "/v1/sign-ins/" + text(sign_in, "id") + "/machine", body);
  };
  const Json first = desk.begin("sam", 10, elsewhere);
  const std::string proof = prove(desk, "kiosk", first);
  BOOST_TEST(object_in(send(first, proof).body).at("machine").as_object().at("state").as_string() ==
             "unrecognized");
  BOOST_TEST(send(first, proof).status == 403);  // the challenge is used
  (void)desk.answer(first, fresh_code(daemon, desk.sam), 0);

  const auto proved = [&](const std::string& seed, const std::string& signed_seed = {}) {
    const Json sign_in = desk.begin("sam", 10, elsewhere);
    const auto answer = send(sign_in, prove(desk, seed, sign_in, signed_seed));
    return answer.status == 200 ? because(object_in(answer.body)) : std::to_string(answer.status);
  };
  BOOST_TEST(proved("kiosk") == "recognized");
  BOOST_TEST(send(desk.begin("sam", 10, elsewhere), proof).status ==
             403);                                // another sign-in's proof
  BOOST_TEST(proved("kiosk", "other") == "403");  // other digests than were signed
  BOOST_TEST(proved("other") == "factor");        // the key, copied to other hardware
  const std::string other_key = content_of(desk.folder / "host.pem");
  (void)tool({"/usr/bin/python3", "-B", here("host_proof.py"), "key", desk.folder / "host.pem"});
  BOOST_TEST(proved("kiosk") == "factor");  // the hardware's digests under another key
  for (const char* bad : {"{}", R"({"key":"AA","fingerprint":"AA","signature":"AA"})",
                          R"({"key":"A=","fingerprint":"AA","signature":"AA"})", R"({"key":"AA"})"})
    BOOST_TEST(send(desk.begin("sam", 10, elsewhere), bad).status == 400, bad);
}

BOOST_AUTO_TEST_CASE(T36_state_and_key_copied_to_another_machine) {
  Watched desk;
  auto& daemon = desk.daemon;
  (void)desk.answer(desk.begin("sam", 10), fresh_code(daemon, desk.sam), 0);
  BOOST_TEST(because(desk.begin("sam", 0)) == "recognized");
  daemon.kill_now();  // what was recognized is durable
  daemon.start();
  catch_up(daemon);
  BOOST_TEST(because(desk.begin("sam", 0)) == "recognized");
  BOOST_TEST(daemon.stop() == 0);
  Desk::furnish(desk.folder, "91a3c0de-1111-4a10-8056-0123456789ab",
                "/OTHER99/CN7220012345/");  // the disk in other hardware
  daemon.start();
  catch_up(daemon);
  const Json copied = desk.begin("sam", 10);
  BOOST_TEST(text(machine(copied), "state") == "unrecognized");
  BOOST_TEST(text(machine(copied), "fingerprint").find("copied-disk-image") != std::string::npos,
             text(machine(copied), "fingerprint"));
}

BOOST_AUTO_TEST_CASE(T05_no_clock_brings_back_what_has_lapsed) {
  const Watched desk;
  const auto& daemon = desk.daemon;
  (void)desk.answer(desk.begin("sam", 10), fresh_code(daemon, desk.sam), 0);
  advance(daemon, 31 * day);
  BOOST_TEST(text(machine(desk.begin("sam", 10)), "state") == "lapsed");
  step_clock(daemon, -31 * day);
  BOOST_TEST(text(machine(desk.begin("sam", 10)), "state") == "lapsed");
  step_clock(daemon, 31 * day);
  BOOST_TEST(text(machine(desk.begin("sam", 10)), "state") == "lapsed");
}

BOOST_AUTO_TEST_CASE(T08_a_victim_locked_out_on_purpose_gets_in_at_its_own_machine) {
  const Watched desk;
  const auto& daemon = desk.daemon;
  (void)desk.answer(desk.begin("sam", 10), fresh_code(daemon, desk.sam), 0);
  for (int i = 0; i < 10; ++i) (void)verify(daemon, "sam", wrong_code(daemon, desk.sam));
  const Json thief = desk.begin("sam", 1, {"--service", "web", "--elsewhere"});
  BOOST_TEST(because(thief) == "throttled");
  BOOST_TEST(thief.contains("retry_at"));
  BOOST_TEST(because(desk.begin("sam", 0)) == "recognized");
  (void)told(daemon, {"user", "reopen", "sam"});
  (void)desk.begin("sam", 10, {"--service", "web", "--elsewhere"});
}

BOOST_AUTO_TEST_CASE(T26_another_users_code_and_another_callers_sign_in) {
  const Watched desk;
  const auto& daemon = desk.daemon;
  add_user(daemon, "zoe");
  const Phone zoe = enroll_totp(daemon, "zoe");
  (void)desk.answer(desk.begin("zoe", 10), fresh_code(daemon, desk.sam), 10);
  add_user(daemon, "bare");
  const Json none = desk.begin("bare", 11);
  (void)desk.answer(none, fresh_code(daemon, desk.sam), 11);
  const std::string id = text(desk.begin("zoe", 10), "id");
  BOOST_TEST(desk.as_uid_asks(65534, "GET", "/v1/sign-ins/" + id).starts_with("404 "));
  BOOST_TEST(desk.as_uid_asks(65534, "POST", "/v1/sign-ins/" + id + "/verify",
                              R"({"code":")" + fresh_code(daemon, zoe) + "\"}")
                 .starts_with("404 "));
  (void)told(daemon, {"sign-in", "verify", id, "--code", zoe.code_at(now(daemon))}, 0);
  BOOST_TEST(daemon.cli({"sign-in", "verify", id, "--code", fresh_code(daemon, zoe)}).exit_code ==
             7);  // it is decided
}

BOOST_AUTO_TEST_CASE(T32_callers_who_verify_only_themselves_learn_no_more_than_yes_or_no) {
  const Watched desk;
  const auto& daemon = desk.daemon;
  BOOST_TEST(daemon.cli({"user", "set", "sam", "--login", "nobody"}).exit_code == 0);
  const std::string begun = desk.as_uid_asks(65534, "POST", "/v1/sign-ins",
                                             R"({"user":"sam","service":"web","primary":"none"})");
  BOOST_TEST(begun.starts_with("200 "), begun);
  const std::string id = text(object_in(begun.substr(4)), "id");
  const auto reason = [&](const std::string& code) {
    return text(object_in(desk.as_uid_asks(65534, "POST", "/v1/sign-ins/" + id + "/verify",
                                           R"({"code":")" + code + "\"}")
                              .substr(4)),
                "reason");
  };
  BOOST_TEST(reason(wrong_code(daemon, desk.sam)) == "denied");
  const std::string used = fresh_code(daemon, desk.sam);
  BOOST_TEST(verdict(daemon, "sam", used) == "verified");
  BOOST_TEST(reason(used) == "denied");
  // Whom it is not, it can't ask about; whether they exist makes no difference.
  const std::string other = desk.as_uid_asks(65534, "POST", "/v1/sign-ins",
                                             R"({"user":"boss","service":"web","primary":"none"})");
  const std::string nobody = desk.as_uid_asks(
      65534, "POST", "/v1/sign-ins", R"({"user":"nobody-there","service":"web","primary":"none"})");
  BOOST_TEST(other.starts_with("403 "));
  BOOST_TEST(other == nobody);
}

BOOST_AUTO_TEST_CASE(T41_recognition_never_serves_for_a_fresh_verification) {
  const Watched desk;
  const auto& daemon = desk.daemon;
  (void)told(daemon, {"user", "add", "boss", "--role", "admin"});
  const Phone boss = enroll_totp(daemon, "boss");
  (void)desk.answer(desk.begin("boss", 10), fresh_code(daemon, boss), 0);
  const Json recognized = desk.begin("boss", 0);
  BOOST_TEST(because(recognized) == "recognized");
  BOOST_TEST(daemon.cli({"machine", "forget", "--all"}).exit_code == 5);
  // Nor does such a sign-in bind anything: who verified in one may, as that is fresh.
  const auto enroll_in = [&](const Json& sign_in) {
    return daemon
        .call("POST", "/v1/sign-ins/" + text(sign_in, "id") + "/enrollment", R"({"kind":"totp"})")
        .status;
  };
  BOOST_TEST(enroll_in(recognized) == 403);
  BOOST_TEST(text(told(daemon, {"user", "show", "boss"}), "factors") == "1");
  BOOST_TEST(daemon.cli({"policy", "set", "staff", "--mode", "off", "--yes"}).exit_code == 5);

  // Bound to exactly that change, once, for five minutes.
  const auto fresh_for = [&](const std::string& change) {
    return text(ask(daemon, "POST", "/v1/fresh-verifications",
                    boost::json::serialize(Json{
                        {"user", "boss"}, {"change", change}, {"code", fresh_code(daemon, boss)}})),
                "id");
  };
  const auto forget_with = [&](const std::string& id) {
    return daemon.call("POST", "/v1/machines/forget", R"({"fresh":")" + id + "\"}").status;
  };
  const auto unverified = daemon.call(
      "POST", "/v1/fresh-verifications",
      boost::json::serialize(Json{
          {"user", "boss"}, {"change", "machine.forget-all"}, {"code", wrong_code(daemon, boss)}}));
  BOOST_TEST(unverified.status == 403);
  BOOST_TEST(unverified.body.contains("you were not verified (wrong-code)"), unverified.body);
  BOOST_TEST(forget_with(fresh_for("user.reset sam")) == 403);
  const std::string id = fresh_for("machine.forget-all");
  BOOST_TEST(forget_with(id) == 200);
  BOOST_TEST(forget_with(id) == 403);
  const std::string late = fresh_for("machine.forget-all");
  advance(daemon, 301);
  BOOST_TEST(forget_with(late) == 403);
  BOOST_TEST(desk.as_uid_asks(65534, "POST", "/v1/machines/forget",
                              R"({"fresh":")" + fresh_for("machine.forget-all") + "\"}")
                 .starts_with("403 "));
  const std::string suspended = fresh_for("machine.forget-all");
  (void)told(daemon, {"user", "suspend", "boss"});
  BOOST_TEST(forget_with(suspended) == 403);
  // Root's way out, which the record shows.
  (void)told(daemon, {"machine", "forget", "--all", "--recovery"});
  BOOST_TEST(daemon.cli({"audit", "list"}).out.find("root-recovery") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(T46_recognition_and_grace_count_for_no_remote_service) {
  const Watched desk;
  (void)desk.answer(desk.begin("sam", 10), fresh_code(desk.daemon, desk.sam), 0);
  BOOST_TEST(because(desk.begin("sam", 0)) == "recognized");
  for (const char* service : {"sshd", "sudo", "su"})
    BOOST_TEST(because(desk.begin("sam", 10, {"--service", service})) == "factor");
  (void)desk.policy("staff", {"--recognize-services", "*,sudo"});
  BOOST_TEST(because(desk.begin("sam", 0, {"--service", "sudo"})) == "recognized");
  BOOST_TEST(because(desk.begin("sam", 10, {"--service", "sshd"})) == "factor");
}

BOOST_AUTO_TEST_CASE(T47_a_verifier_asserts_what_it_is_configured_for_and_nothing_else) {
  const Watched desk(
      "[[verifier]]\nname = \"shop\"\nuser = 990\nservices = [\"shop\"]\n\n[[verifier]]\nname = "
      "\"portal\"\nuser = 991\nservices = [\"portal\"]\nprimary = [\"sso\"]\n");
  const auto ask_as = [&](uid_t uid, const char* service, const char* primary) {
    return desk
        .as_uid_asks(uid, "POST", "/v1/sign-ins",
                     std::string(R"({"user":"sam","service":")") + service + R"(","primary":")" +
                         primary + "\"}")
        .substr(0, 3);
  };
  BOOST_TEST(ask_as(990, "shop", "password") == "200");
  BOOST_TEST(ask_as(990, "shop", "none") == "200");
  BOOST_TEST(ask_as(990, "shop", "sso") == "403");
  BOOST_TEST(ask_as(990, "portal", "password") == "403");
  BOOST_TEST(ask_as(991, "portal", "sso") == "200");
  BOOST_TEST(ask_as(991, "portal", "password") == "403");
  BOOST_TEST(ask_as(991, "shop", "sso") == "403");
  BOOST_TEST(ask_as(992, "shop", "password") == "403");
  (void)desk.daemon.cli({"user", "set", "sam", "--login", "nobody"});
  BOOST_TEST(ask_as(65534, "shop", "none") == "200");
  BOOST_TEST(ask_as(65534, "shop", "password") == "403");
  const Ran refused = daemon_refuses(
      desk.folder / "other", desk.folder / "other-socket",
      {"--config",
       desk.file(
           "bad.toml",
           "[[verifier]]\nname = \"x\"\nuser = 1\nservices = [\"x\"]\nprimary = [\"magic\"]\n")});
  BOOST_TEST(refused.exit_code == 2);
  BOOST_TEST(refused.err.find("primary") != std::string::npos, refused.err);
}

BOOST_AUTO_TEST_CASE(T47_receipts_are_for_the_service_or_an_audience_listed_beside_it) {
  const Watched desk(
      "[[verifier]]\nname = \"shop\"\nuser = 990\nservices = [\"shop\"]\naudiences = "
      "[\"https://shop.example\"]\n");
  const auto ask_as = [&](uid_t uid, const std::string& user, const std::string& service,
                          const std::string& audience, const std::string& primary = "none") {
    const Json body{
        {"user", user}, {"service", service}, {"primary", primary}, {"audience", audience}};
    return desk.as_uid_asks(uid, "POST", "/v1/sign-ins", boost::json::serialize(body)).substr(0, 3);
  };
  for (const char* audience : {"", "shop", "https://shop.example"})
    BOOST_TEST(ask_as(990, "sam", "shop", audience) == "200", audience);
  for (const char* audience : {"payroll", "wiki", "https://shop.example.evil"})
    BOOST_TEST(ask_as(990, "sam", "shop", audience) == "403", audience);
  // Somebody for oneself, an administrator as well; whose role lets in nobody else.
  (void)told(desk.daemon, {"user", "set", "sam", "--login", "nobody"});
  BOOST_TEST(ask_as(65534, "sam", "wiki", "") == "200");
  BOOST_TEST(ask_as(65534, "sam", "wiki", "payroll") == "403");
  (void)told(desk.daemon, {"user", "set", "sam", "--role", "admin"});
  add_user(desk.daemon, "victim");
  BOOST_TEST(ask_as(65534, "sam", "wiki", "") == "200");
  BOOST_TEST(ask_as(65534, "sam", "wiki", "payroll") == "403");
  for (const char* primary : {"none", "password", "sso"})
    BOOST_TEST(ask_as(65534, "victim", "wiki", "wiki", primary) == "403", primary);
}

BOOST_AUTO_TEST_CASE(T47_a_receipt_is_made_only_of_a_decision_that_is_in_the_record) {
  const Watched desk;
  const auto& daemon = desk.daemon;
  const Json asked = desk.begin("sam", 10, {"--service", "web"});
  (void)desk.policy("staff", {"--mode", "off"});
  const Json answered = desk.answer(asked, "000000", 0);  // policy asks nothing any more
  BOOST_TEST(because(answered) == "policy-off");
  BOOST_TEST(answered.contains("receipt"));
  const std::string last = daemon.cli({"audit", "list", "--last", "1"}).out;
  for (const char* word : {R"("action":"sign-in")", R"("outcome":"allow")",
                           R"("reason":"policy-off")", R"("receipt_for":"web")"})
    BOOST_TEST(last.contains(word), last);
}

BOOST_AUTO_TEST_CASE(T47_receipts_hold_for_others_for_their_audience_and_five_minutes) {
  const Watched desk;
  const auto& daemon = desk.daemon;
  const Json asked = desk.begin(
      "sam", 10, {"--service", "web", "--audience", "https://shop.example", "--nonce", "n-123"});
  BOOST_TEST(!asked.contains("receipt"));
  const Json in = desk.answer(asked, fresh_code(daemon, desk.sam), 0);
  const std::string receipt = text(in, "receipt");
  const std::string keys = boost::json::serialize(ask(daemon, "GET", "/v1/jwks"));
  const Json claims = object_in(tool({"/usr/bin/python3", "-B", here("receipt.py"), keys,
                                      "https://shop.example", std::to_string(now(daemon))},
                                     receipt));
  BOOST_TEST(text(claims, "sub") == "sam");
  BOOST_TEST(text(claims, "nonce") == "n-123");
  BOOST_TEST(text(claims, "decision") == "allow");
  BOOST_TEST(text(claims, "amr") == R"(["pwd","otp","mfa"])");
  BOOST_TEST(claims.at("aal").as_int64() == 2);
  BOOST_TEST(text(claims.at("machine").as_object(), "state") == "recognized");
  BOOST_TEST(run({"/usr/bin/python3", "-B", here("receipt.py"), keys, "https://other.example",
                  std::to_string(now(daemon))},
                 receipt)
                 .exit_code == 1);

  const auto judged = [&](const std::string& token,
                          const std::string& query = "?audience=https%3A%2F%2Fshop.example") {
    const Socket socket(daemon.socket());
    (void)socket.send("GET /v1/auth" + query + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                      token + "\r\nConnection: close\r\n\r\n");
    return socket.receive_all().substr(9, 3);
  };
  BOOST_TEST(judged(receipt) == "200");
  BOOST_TEST(judged(receipt, "?service=web&audience=https%3A%2F%2Fshop.example") == "200");
  BOOST_TEST(judged(receipt, "?audience=https%3A%2F%2Fshop.example&service=admin") == "401");
  for (const char* foreign : {"", "?audience=", "?audience=web", "?service=web"})
    BOOST_TEST(judged(receipt, foreign) == "401", foreign);
  for (const std::size_t at : {std::size_t{3}, receipt.find('.') + 5, receipt.size() - 8}) {
    std::string spoilt = receipt;
    spoilt[at] = spoilt[at] == 'A' ? 'B' : 'A';
    BOOST_TEST(judged(spoilt) == "401", at);
  }
  BOOST_TEST(judged("") == "401");
  BOOST_TEST(judged("eyJhbGciOiJub25lIn0.eyJzdWIiOiJzYW0ifQ.") == "401");
  BOOST_TEST(daemon.call("GET", "/v1/auth").status == 401);
  (void)told(daemon, {"user", "suspend", "sam"});
  BOOST_TEST(judged(receipt) == "401");
  (void)told(daemon, {"user", "resume", "sam"});
  advance(daemon, 301);
  BOOST_TEST(judged(receipt) == "401");
  BOOST_TEST(!told(daemon, {"sign-in", "show", text(in, "id")})
                  .contains("receipt"));  // none is made younger
  // Keys survive a new data key.
  const std::string again = text(desk.begin("sam", 0), "receipt");
  (void)told(daemon, {"key", "rotate"});
  BOOST_TEST(judged(again, "?audience=web") == "200");
}

BOOST_AUTO_TEST_CASE(T48_what_codes_are_sent_to_changes_with_a_fresh_verification_alone) {
  const Watched desk;
  const auto& daemon = desk.daemon;
  const Phone boss = desk.boss();
  BOOST_TEST(daemon.cli({"user", "set", "sam", "--phone", "+491701234567"}).exit_code == 5);
  BOOST_TEST(daemon.cli({"user", "set", "sam", "--email", "thief@example.org"}).exit_code == 5);
  BOOST_TEST(daemon.cli({"user", "set", "sam", "--location", "berlin"}).exit_code == 0);
  (void)told(daemon, std::vector<std::string>{"user", "set", "sam", "--phone", "+491701234567"} +
                         desk.as(boss));
  BOOST_TEST(text(told(daemon, {"user", "show", "sam"}), "phone") == "+491701234567");
}

BOOST_AUTO_TEST_CASE(a_policy_that_locks_out_every_admin_is_refused_unless_forced) {
  const Desk desk;
  const auto& daemon = desk.daemon;
  const Phone boss = desk.boss();
  BOOST_TEST(told(daemon, {"policy", "set", "it", "--new", "--mode", "required", "--methods",
                           "fido2", "--dry-run"})
                 .at("every_admin_locked_out")
                 .as_bool());
  const Ran refused = daemon.cli(
      {"policy", "set", "it", "--new", "--mode", "required", "--methods", "fido2", "--yes"});
  BOOST_TEST(refused.exit_code == 7, refused.out << refused.err);
  (void)desk.policy("it", {"--new", "--mode", "required", "--methods", "fido2", "--force"});
  BOOST_TEST(because(desk.begin("boss", 1)) == "lost-factor");
  (void)desk.policy("it", {"--methods", "totp,fido2", "--recovery"});  // root on this machine
  (void)desk.answer(desk.begin("boss", 10), fresh_code(daemon, boss), 0);
}

BOOST_AUTO_TEST_CASE(bad_input_is_refused_and_named) {
  const Watched desk;
  const auto& daemon = desk.daemon;
  for (const char* body :
       {R"({"user":"sam","service":"","primary":"password"})",
        R"({"user":"sam","service":"web","primary":"magic"})", R"({"user":"sam"})"})
    BOOST_TEST(daemon.call("POST", "/v1/sign-ins", body).status == 400, body);
  BOOST_TEST(daemon.cli({"sign-in", "show", "0000000000000"}).exit_code == 6);
  BOOST_TEST(daemon.cli({"machine", "forget", "0000000000001"}).exit_code == 6);
  BOOST_TEST(daemon.cli({"enroll", "temporary-code", "--user", "sam", "--for", "soon"}).exit_code ==
             2);
  BOOST_TEST(because(desk.begin("nobody-there", 1)) == "unknown-user");
  // Ten wrong codes end a sign-in, whatever the throttle says.
  const Json asked = desk.begin("sam", 10);
  for (int i = 0; i < 9; ++i)
    (void)daemon.cli(
        {"sign-in", "verify", text(asked, "id"), "--code", wrong_code(daemon, desk.sam)});
  (void)daemon.cli(
      {"sign-in", "verify", text(asked, "id"), "--code", wrong_code(daemon, desk.sam)});
  (void)told(daemon, {"user", "reopen", "sam"});
  BOOST_TEST(
      daemon.cli({"sign-in", "verify", text(asked, "id"), "--code", fresh_code(daemon, desk.sam)})
          .exit_code == 6);
  advance(daemon, 60);
  const Json late = desk.begin("sam", 10);
  advance(daemon, 601);
  BOOST_TEST(daemon.cli({"sign-in", "show", text(late, "id")}).exit_code == 6);  // and so does time
}

BOOST_AUTO_TEST_SUITE_END()
