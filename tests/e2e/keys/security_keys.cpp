// SPDX-License-Identifier: Apache-2.0
// Security keys from the hand to the verdict: CLI, daemon, reader, libfido2, CTAP on the wire of a
// software key.
#include <poll.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <thread>

#include "tests/e2e/support/key_house.h"

using namespace countersign;
using namespace countersign::test;
using namespace std::chrono_literals;

namespace {

// Two people, and a daemon that listens for keys.
struct TwoPeople : KeyHouse {
  explicit TwoPeople(const std::string& config = {}) : KeyHouse(config) {
    add_user(daemon, "alice");
    add_user(daemon, "bob");
  }
  [[nodiscard]] std::vector<std::string> with(const std::string& digits) const {
    return {"--pin-file", pin(digits)};
  }
  [[nodiscard]] Json newest_event() const {
    const Json page =
        ask(daemon, "GET",
            "/v1/audit/events?after=" +
                std::to_string(ask(daemon, "GET", "/v1/status").at("audit_events").as_int64() - 1));
    return object_in(text(page.at("events").as_array().at(0).as_object(), "event"));
  }
};

const std::vector<std::string> no_pin = {"--profile", "no-pin"};

}  // namespace

BOOST_AUTO_TEST_SUITE(security_keys)

BOOST_AUTO_TEST_CASE(a_key_is_enrolled_and_verifies_its_user_alone) {
  const TwoPeople house;
  const SoftKey key = house.plug("a", no_pin);
  const std::string id = house.enroll("alice", {"--label", "blue key"});
  const auto done = house.tap({"verify", "--tap", "--user", "alice", "--service", "sudo"});
  BOOST_TEST(done.exit_code == 0);
  BOOST_TEST(text(done.object, "verdict") == "verified");
  BOOST_TEST(text(done.object, "authenticator") == id);
  BOOST_TEST(text(done.object, "kind") == "fido2");
  BOOST_TEST(text(house.newest_event(), "service") == "sudo");
  BOOST_TEST(house.verdict("bob") == "no-factor");  // T26
  const SoftKey other = house.plug("b", no_pin);
  (void)house.enroll("bob");
}

BOOST_AUTO_TEST_CASE(T26_the_key_of_another_user_is_told_from_the_right_one) {
  const TwoPeople house;
  {
    const SoftKey key = house.plug("a", no_pin);
    (void)house.enroll("alice");
  }
  const SoftKey other = house.plug("b", no_pin);
  (void)house.enroll("bob");
  const auto done = house.tap({"verify", "--tap", "--user", "alice", "--timeout", "3"});
  BOOST_TEST(done.exit_code == 4);
  BOOST_TEST(text(done.object, "verdict") == "denied");
}

BOOST_AUTO_TEST_CASE(a_tap_alone_says_who_it_is) {
  const TwoPeople house;
  const SoftKey key = house.plug("a", no_pin);
  (void)house.enroll("alice", {"--discoverable"});
  const auto done = house.tap({"verify", "--tap"});
  BOOST_TEST(done.exit_code == 0);
  BOOST_TEST(text(done.object, "user") == "alice");
  (void)told(house.daemon, {"user", "suspend", "alice"});
  BOOST_TEST(house.verdict("") == "user-suspended");
}

BOOST_AUTO_TEST_CASE(a_key_that_is_not_discoverable_does_not_say_who_it_is) {
  const TwoPeople house;
  const SoftKey key = house.plug("a", no_pin);
  (void)house.enroll("alice");
  BOOST_TEST(house.tap({"verify", "--tap", "--timeout", "3"}).exit_code == 4);
}

BOOST_AUTO_TEST_CASE(pins_are_asked_for_once_and_never_sent_again) {
  const TwoPeople house;
  const SoftKey key = house.plug("a", {"--profile", "pin", "--pin-file", house.pin("1234")});
  (void)house.enroll("alice", {"--uv", "required", "--pin-file", house.pin("1234")});
  const auto wrong = house.tap(
      {"verify", "--tap", "--user", "alice", "--uv", "required", "--pin-file", house.pin("9999")});
  BOOST_TEST(wrong.exit_code == 5);
  BOOST_TEST(told(wrong, "pin"));
  BOOST_TEST(!told(wrong, "touch"));  // a wrong PIN is told before the next touch
  const auto info = told(house.daemon, {"device", "info"});
  BOOST_TEST(info.at("fido2").as_object().at("pin_retries").as_int64() == 7);  // one, not more
  const auto right = house.tap(
      {"verify", "--tap", "--user", "alice", "--uv", "required", "--pin-file", house.pin("1234")});
  BOOST_TEST(right.exit_code == 0);
  BOOST_TEST(right.object.at("aal").as_int64() == 2);
  BOOST_TEST(text(house.newest_event(), "outcome") == "verified");
}

BOOST_AUTO_TEST_CASE(T17_no_token_is_asked_about_a_pin_that_none_would_take) {
  const TwoPeople house;
  const SoftKey key = house.plug("a", {"--profile", "pin", "--pin-file", house.pin("1234")});
  for (const std::string& bad : {std::string(), std::string(64, '1'), std::string("12\0 34", 6)}) {
    const auto done = house.tap(
        {"enroll", "fido2", "--user", "alice", "--uv", "required", "--pin-file", house.pin(bad)});
    BOOST_TEST(done.exit_code != 0, bad.size());
  }
  BOOST_TEST(
      told(house.daemon, {"device", "info"}).at("fido2").as_object().at("pin_retries").as_int64() ==
      8);
}

BOOST_AUTO_TEST_CASE(a_key_without_a_pin_is_told_how_to_get_one) {
  const TwoPeople house;
  const SoftKey key = house.plug("a", {"--profile", "pin"});
  const auto none = house.tap({"enroll", "fido2", "--user", "alice", "--uv", "required"});
  BOOST_TEST(none.exit_code == 7);
  BOOST_TEST(text(none.object, "error").find("device pin set") != std::string::npos);
  BOOST_TEST(house.tap({"device", "pin", "set", "--new-pin-file", house.pin("12")}).exit_code ==
             2);  // too short, told before the key is asked
  BOOST_TEST(house.tap({"device", "pin", "set", "--new-pin-file", house.pin("4711")}).exit_code ==
             0);
  BOOST_TEST(house
                 .tap({"device", "pin", "change", "--pin-file", house.pin("4711"), "--new-pin-file",
                       house.pin("081500")})
                 .exit_code == 0);
  (void)house.enroll("alice", {"--uv", "required", "--pin-file", house.pin("081500")});
}

BOOST_AUTO_TEST_CASE(a_blocked_pin_says_so_and_three_wrong_ones_ask_for_a_replug) {
  const TwoPeople house;
  const SoftKey key = house.plug("a", {"--profile", "pin", "--pin-file", house.pin("1234")});
  (void)house.enroll("alice", {"--uv", "required", "--pin-file", house.pin("1234")});
  const auto wrong = [&] {
    return house.tap({"verify", "--tap", "--user", "alice", "--uv", "required", "--last-try",
                      "--pin-file", house.pin("9999")});
  };
  for (int i = 0; i < 2; ++i) BOOST_TEST(wrong().exit_code == 5);
  const auto paused = wrong();
  BOOST_TEST(paused.exit_code != 0);
  for (int i = 0; i < 2; ++i) {
    key.control({"power-cycle"});
    std::this_thread::sleep_for(100ms);
    for (int j = 0; j < 3; ++j) (void)wrong();
  }
  key.control({"power-cycle"});
  const auto blocked = wrong();
  BOOST_TEST(blocked.exit_code == 1);
  BOOST_TEST(text(blocked.object, "reason") == "pin-blocked");
}

BOOST_AUTO_TEST_CASE(an_enrolled_key_is_not_enrolled_twice) {
  const TwoPeople house;
  const SoftKey key = house.plug("a", no_pin);
  (void)house.enroll("alice");
  const auto again = house.tap({"enroll", "fido2", "--user", "alice"});
  BOOST_TEST(again.exit_code == 6);
  (void)house.enroll("bob");  // another account of the same key is another credential
  BOOST_TEST(told(house.daemon, {"authenticator", "list", "--user", "alice"})
                 .at("authenticators")
                 .as_array()
                 .size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_full_key_leaves_nothing_half_enrolled) {
  const TwoPeople house;
  const SoftKey key = house.plug("a", {"--profile", "no-pin", "--fault", "full"});
  const auto full = house.tap({"enroll", "fido2", "--user", "alice", "--discoverable"});
  BOOST_TEST(full.exit_code == 7);
  BOOST_TEST(text(full.object, "error").find("no place") != std::string::npos);
  BOOST_TEST(told(house.daemon, {"authenticator", "list", "--user", "alice"})
                 .at("authenticators")
                 .as_array()
                 .empty());
}

BOOST_AUTO_TEST_CASE(with_two_keys_the_enrolled_one_is_found_without_a_touch) {
  const TwoPeople house;
  const SoftKey stranger = house.plug("a", {"--profile", "no-pin", "--touch", "never"});
  const SoftKey mine = house.plug("b", {"--profile", "no-pin", "--touch-delay", "200"});
  const auto bound = house.tap({"enroll", "fido2", "--user", "alice", "--timeout", "10"});
  BOOST_TEST(bound.exit_code == 0);
  BOOST_TEST(told(bound, "select"));  // which of the two it is, a touch says
  const auto done = house.tap({"verify", "--tap", "--user", "alice", "--timeout", "10"});
  BOOST_TEST(done.exit_code == 0);
  BOOST_TEST(!told(done, "select"));  // the silent pre-flight has found it
  BOOST_TEST(told(done, "touch"));
}

BOOST_AUTO_TEST_CASE(none_present_waits_says_so_and_keeps_to_the_deadline) {
  const TwoPeople house;
  {
    const SoftKey key = house.plug("a", no_pin);
    (void)house.enroll("alice");
  }
  const auto begun = std::chrono::steady_clock::now();
  const auto done = house.tap({"verify", "--tap", "--user", "alice", "--timeout", "2"});
  BOOST_TEST((std::chrono::steady_clock::now() - begun < 7s));  // no hang over 5 s
  BOOST_TEST(done.exit_code == 4);
  BOOST_TEST(told(done, "insert"));
  BOOST_TEST(text(done.object, "reason") == "no-token");
}

BOOST_AUTO_TEST_CASE(a_key_that_is_plugged_in_later_is_taken) {
  const TwoPeople house;
  {
    const SoftKey key = house.plug("a", no_pin);
    (void)house.enroll("alice");
  }
  Running waiting({program("countersign"), "--socket", house.daemon.socket(), "verify", "--tap",
                   "--user", "alice", "--timeout", "20", "--json"});
  std::this_thread::sleep_for(500ms);
  const SoftKey key = house.plug("a", no_pin);
  BOOST_TEST(waiting.wait(20) == 0);
}

BOOST_AUTO_TEST_CASE(nobody_touches_it) {
  const TwoPeople house;
  {
    const SoftKey key = house.plug("a", no_pin);
    (void)house.enroll("alice");
  }
  const SoftKey key = house.plug("a", {"--profile", "no-pin", "--touch", "never"});
  const auto done = house.tap({"verify", "--tap", "--user", "alice", "--timeout", "2"});
  BOOST_TEST(done.exit_code == 4);
  BOOST_TEST(told(done, "touch"));
  BOOST_TEST(text(done.object, "reason") == "timed-out");
}

BOOST_AUTO_TEST_CASE(T31_unplugged_at_any_message_nothing_is_half_enrolled_and_nothing_hangs) {
  const TwoPeople house;
  const SoftKey key = house.plug("a", no_pin);
  (void)house.enroll("alice");
  int enrolled = 0;
  for (int at = 1; at <= 12; ++at) {
    key.control({"fault", "none"});
    key.control({"fault", "unplug=" + std::to_string(at)});
    const auto begun = std::chrono::steady_clock::now();
    const auto verified = house.tap({"verify", "--tap", "--user", "alice", "--timeout", "3"});
    const auto bound = house.tap({"enroll", "fido2", "--user", "bob", "--timeout", "3"});
    BOOST_TEST((std::chrono::steady_clock::now() - begun < 16s), at);
    if (verified.exit_code != 0) BOOST_TEST(text(verified.object, "verdict") == "denied", at);
    if (bound.exit_code == 0) ++enrolled;
    const std::size_t listed = told(house.daemon, {"authenticator", "list", "--user", "bob"})
                                   .at("authenticators")
                                   .as_array()
                                   .size();
    BOOST_TEST(listed == static_cast<std::size_t>(enrolled), at);
    for (int i = 0; i < enrolled; ++i) (void)told(house.daemon, {"user", "reset", "bob"});
    if (bound.exit_code == 0) enrolled = static_cast<int>(listed);
  }
  key.control({"fault", "none"});
  BOOST_TEST(house.verdict("alice") == "verified");
}

BOOST_AUTO_TEST_CASE(T24_flags_and_T22_rp_id_are_judged_by_what_was_signed) {
  const TwoPeople house;
  const SoftKey key = house.plug("a", {"--profile", "pin", "--pin-file", house.pin("1234")});
  (void)house.enroll("alice", {"--uv", "required", "--pin-file", house.pin("1234")});
  const std::vector<std::pair<std::string, std::string>> faults = {
      {"uv-cleared", "user-not-verified"},
      {"up-cleared", "user-not-present"},
      {"wrong-rp-hash", "wrong-rp-id"}};
  for (const auto& [fault, reason] : faults) {
    key.control({"fault", "none"});
    key.control({"fault", fault});
    const auto done = house.tap({"verify", "--tap", "--user", "alice", "--uv", "required",
                                 "--pin-file", house.pin("1234")});
    BOOST_TEST(done.exit_code == 1, fault);
    BOOST_TEST(text(done.object, "verdict") == "denied", fault);
    // libfido2 sees some of these before us: then the reader says so.
    const std::string why = text(done.object, "reason");
    BOOST_TEST((why == reason || why == "malformed" || why == "internal"), fault << ": " << why);
  }
  key.control({"fault", "none"});
  BOOST_TEST(house.verdict("alice", {"--uv", "required", "--pin-file", house.pin("1234")}) ==
             "verified");
}

BOOST_AUTO_TEST_CASE(T27_a_counter_that_goes_back_is_recorded_or_refused) {
  for (const std::string rule : {"warn", "refuse"}) {
    const TwoPeople house("[fido2]\ncounter = \"" + rule + "\"\n");
    const SoftKey key = house.plug("a", no_pin);
    (void)house.enroll("alice");
    BOOST_TEST(house.verdict("alice") == "verified");
    key.control({"fault", "counter-back"});
    BOOST_TEST(house.verdict("alice") == (rule == "warn" ? "verified" : "counter-went-back"), rule);
    BOOST_TEST(text(house.newest_event(), "counter") == "went-back");
  }
}

BOOST_AUTO_TEST_CASE(T29_garbage_and_endless_keepalives_end) {
  const TwoPeople house;
  const SoftKey key = house.plug("a", no_pin);
  (void)house.enroll("alice");
  for (const std::string fault : {"keepalive", "bad-cbor", "bad-length=65535"}) {
    key.control({"fault", "none"});
    key.control({"fault", fault});
    const auto begun = std::chrono::steady_clock::now();
    const auto done = house.tap({"verify", "--tap", "--user", "alice", "--timeout", "3"});
    BOOST_TEST((std::chrono::steady_clock::now() - begun < 8s), fault);
    BOOST_TEST(done.exit_code != 0, fault);
    BOOST_TEST(text(done.object, "verdict") == "denied", fault);
  }
  key.control({"fault", "none"});
  BOOST_TEST(house.verdict("alice") == "verified");
}

BOOST_AUTO_TEST_CASE(T28_only_makers_that_are_believed_and_models_that_are_wanted) {
  const TwoPeople house;
  const SoftKey key = house.plug("a", no_pin);
  (void)told(house.daemon, {"attestation", "require", "trusted"});
  BOOST_TEST(
      text(house.tap({"enroll", "fido2", "--user", "alice"}).object, "error").find("attestation") !=
      std::string::npos);
  const std::string root = house.folder / "root.pem";
  write_file(root, key.root());
  (void)told(house.daemon, {"attestation", "add-root", root});
  const std::string id = house.enroll("alice");
  BOOST_TEST(told(house.daemon, {"authenticator", "list", "--at-risk"})
                 .at("authenticators")
                 .as_array()
                 .empty());
  (void)told(house.daemon, {"attestation", "deny", "636f756e-7465-7273-6967-6e2d76697274"});
  const Json risky = told(house.daemon, {"authenticator", "list", "--at-risk"});
  BOOST_REQUIRE(risky.at("authenticators").as_array().size() == 1U);
  BOOST_TEST(text(risky.at("authenticators").as_array().at(0).as_object(), "id") == id);
  BOOST_TEST(house.tap({"enroll", "fido2", "--user", "bob"}).exit_code != 0);
}

BOOST_AUTO_TEST_CASE(T28_metadata_that_revokes_a_model_puts_its_keys_at_risk) {
  const TwoPeople house;
  const SoftKey key = house.plug("a", no_pin);
  const std::string id = house.enroll("alice");
  const std::string model = "636f756e-7465-7273-6967-6e2d76697274";
  const auto blob = [&](int number, const std::string& status) {
    (void)tool({"/usr/bin/python3", "-B", COUNTERSIGN_E2E_FOLDER "/metadata_blob.py",
                house.folder.path(), std::to_string(number), status, model});
  };
  const auto import = [&](bool with_root, int exit_code = 0) {
    std::vector<std::string> words = {"mds", "import", house.folder / "blob"};
    if (with_root) words.insert(words.end(), {"--root", house.folder / "root.pem"});
    return told(house.daemon, words, exit_code);
  };
  blob(7, "FIDO_CERTIFIED_L1");
  BOOST_TEST(text(import(false, 5), "error").find("signer") !=
             std::string::npos);  // no root is built in
  Json imported = import(true);
  BOOST_TEST(imported.at("number").as_int64() == 7);
  BOOST_TEST(imported.at("at_risk").as_int64() == 0);
  blob(6, "REVOKED");
  (void)import(false, 7);  // an older one
  blob(8, "REVOKED");
  imported = import(false);  // the root is known by now
  BOOST_TEST(imported.at("at_risk").as_int64() == 1);
  const Json risky = told(house.daemon, {"authenticator", "list", "--at-risk"});
  BOOST_TEST(text(risky.at("authenticators").as_array().at(0).as_object(), "id") == id);
  BOOST_TEST(house.tap({"enroll", "fido2", "--user", "bob"}).exit_code == 2);
  BOOST_TEST(told(house.daemon, {"attestation", "show"}).at("metadata_number").as_int64() == 8);
}

BOOST_AUTO_TEST_CASE(a_kiosk_goes_on_for_the_next_person) {
  const TwoPeople house;
  const SoftKey key = house.plug("a", {"--profile", "no-pin", "--touch-delay", "100"});
  (void)house.enroll("alice", {"--discoverable"});
  const std::string log = house.folder / "kiosk.log";
  const Running kiosk({program("countersign"), "--socket", house.daemon.socket(), "--json",
                       "verify", "--tap", "--watch"},
                      log);
  std::size_t verified = 0;
  for (int i = 0; i < 1000 && verified < 3; ++i) {
    std::this_thread::sleep_for(10ms);
    const std::string said = content_of(log);
    verified = 0;
    for (std::size_t at = said.find("\"verified\""); at != std::string::npos;
         at = said.find("\"verified\"", at + 1))
      ++verified;
  }
  BOOST_TEST(verified >= 3U);
}

BOOST_AUTO_TEST_CASE(other_peoples_programs_run_with_a_software_key) {
  const TemporaryFolder folder;
  const Ran listed = run({program("countersign"), "device", "virtual", "run", "--kind", "fido2",
                          "--state", folder / "key", "--", "fido2-token", "-L"},
                         {}, 30);
  BOOST_TEST(listed.exit_code == 0, listed.err);
  BOOST_TEST(listed.out.find("/dev/hidraw0") != std::string::npos, listed.out);
  BOOST_TEST(
      run({program("countersign"), "device", "virtual", "run", "--", "sh", "-c", "exit 42"}, {}, 30)
          .exit_code == 42);
}

BOOST_AUTO_TEST_CASE(u2f_tokens_work_too) {
  const TwoPeople house;
  const SoftKey key = house.plug("a", {"--profile", "u2f"});
  (void)house.enroll("alice");
  BOOST_TEST(house.verdict("alice") == "verified");
  const auto needs_more =
      house.tap({"enroll", "fido2", "--user", "bob", "--discoverable", "--timeout", "2"});
  BOOST_TEST(needs_more.exit_code == 7);  // it can't keep accounts
}

BOOST_AUTO_TEST_CASE(what_is_on_a_key_is_listed_removed_and_erased) {
  const TwoPeople house;
  const SoftKey key = house.plug("a", {"--profile", "pin", "--pin-file", house.pin("1234")});
  (void)house.enroll("alice", {"--discoverable", "--pin-file", house.pin("1234")});
  auto listed = house.tap({"device", "credentials", "list", "--pin-file", house.pin("1234")});
  BOOST_REQUIRE(listed.object.at("items").as_array().size() == 1U);
  const Json row = listed.object.at("items").as_array().at(0).as_object();
  BOOST_TEST(text(row, "name") == "alice");
  BOOST_TEST(text(row, "rp_id") == "localhost");
  BOOST_TEST(house
                 .tap({"device", "credentials", "delete", text(row, "id"), "--yes", "--pin-file",
                       house.pin("1234")})
                 .exit_code == 0);
  listed = house.tap({"device", "credentials", "list", "--pin-file", house.pin("1234")});
  BOOST_TEST(listed.object.at("items").as_array().empty());
  key.control({"power-cycle"});
  BOOST_TEST(house.tap({"device", "reset", "--yes"}).exit_code == 0);
  BOOST_TEST(
      !told(house.daemon, {"device", "info"}).at("fido2").as_object().at("pin_set").as_bool());
}

BOOST_AUTO_TEST_CASE(fingerprints_are_taken_named_removed_and_verify) {
  const TwoPeople house;
  const SoftKey key = house.plug("a", {"--profile", "uv", "--pin-file", house.pin("1234")});
  const auto fingerprints = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"device", "fingerprints"});
    words.insert(words.end(), {"--pin-file", house.pin("1234")});
    return house.tap(words);
  };
  const auto names = [&] {
    std::vector<std::string> all;
    const auto listed = fingerprints({"list"});
    for (const auto& item : listed.object.at("items").as_array())
      all.push_back(text(item.as_object(), "name"));
    return all;
  };
  const std::vector<std::string> before = names();
  const auto added = fingerprints({"add", "--name", "left thumb"});
  BOOST_TEST(added.exit_code == 0);
  BOOST_TEST(told(added, "sample"));
  BOOST_REQUIRE(names().size() == before.size() + 1);
  BOOST_TEST(names().back() == "left thumb");
  const std::string id =
      text(fingerprints({"list"}).object.at("items").as_array().back().as_object(), "id");
  BOOST_TEST(fingerprints({"rename", id, "right thumb"}).exit_code == 0);
  BOOST_TEST(names().back() == "right thumb");
  BOOST_TEST(fingerprints({"delete", id}).exit_code == 0);
  BOOST_TEST(names() == before, boost::test_tools::per_element());
  (void)house.enroll("alice", {"--uv", "required"});  // a finger in place of a PIN
  const auto done = house.tap({"verify", "--tap", "--user", "alice", "--uv", "required"});
  BOOST_TEST(done.exit_code == 0);
  BOOST_TEST(!told(done, "pin"));
  key.control({"uv", "fail"});
  const auto wrong = house.tap(
      {"verify", "--tap", "--user", "alice", "--uv", "required", "--pin-file", house.pin("9999")});
  BOOST_TEST(wrong.exit_code != 0);
  BOOST_TEST(told(wrong, "verify"));
}

BOOST_AUTO_TEST_CASE(people_who_enrol_themselves_show_first_who_they_are) {
  BOOST_TEST_REQUIRE(geteuid() == 0);  // to speak as another user
  TwoPeople house;
  constexpr uid_t nobody = 65534;
  (void)told(house.daemon, {"user", "set", "alice", "--login", "nobody"});
  const SoftKey key = house.plug("a", no_pin);
  const auto post = [&](const std::string& path, const std::string& body) {
    std::filesystem::permissions(house.folder.path(), std::filesystem::perms(0711));
    return as_uid(nobody, [&] {
      const Socket socket(house.daemon.socket());
      (void)socket.send(request("POST", path, body));
      return socket.receive_all(15);
    });
  };
  BOOST_TEST(post("/v1/enrollments/tap", R"({"user":"bob","seconds":2})").find(" 403 ") !=
             std::string::npos);
  BOOST_TEST(
      post("/v1/enrollments/tap", R"({"user":"alice","seconds":2})").find("nothing was enrolled") !=
      std::string::npos);
  BOOST_TEST(post("/v1/verifications/tap", R"({"seconds":2})").find(" 403 ") !=
             std::string::npos);  // whoever it is: verifiers only
  (void)house.enroll("alice");
  BOOST_TEST(
      post("/v1/verifications/tap", R"({"user":"alice","seconds":5})").find("\"verified\"") !=
      std::string::npos);
}

// Somebody who touches the key whenever it waits for that.
class Toucher {
 public:
  explicit Toucher(const SoftKey& key)
      : touches_([&key](const std::stop_token& end) {
          while (!end.stop_requested()) {
            try {
              (void)key.control({"touch"});
            } catch (const std::exception&) {
              // It does not wait for a touch now.
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
          }
        }) {}

 private:
  std::jthread touches_;
};

// One who asks in a process of their own, while this one goes on.
class Asking {
 public:
  Asking(uid_t uid, const std::function<std::string()>& act) {
    int ends[2];
    BOOST_REQUIRE(pipe(ends) == 0);
    child_ = fork();
    if (child_ == 0) {
      const std::string answer = become(uid) == 0 ? act() : std::string();
      (void)!write(ends[1], answer.data(), answer.size());
      _exit(0);
    }
    close(ends[1]);
    answer_ = ends[0];
  }
  ~Asking() {
    (void)kill(child_, SIGKILL);
    (void)waitpid(child_, nullptr, 0);
    close(answer_);
  }
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;

  [[nodiscard]] bool answered_within(int milliseconds) const {
    pollfd look{.fd = answer_, .events = POLLIN, .revents = 0};
    return poll(&look, 1, milliseconds) > 0;
  }
  [[nodiscard]] std::string answer() const {
    std::string all;
    std::array<char, 4096> part{};
    for (ssize_t got = 0; (got = read(answer_, part.data(), part.size())) > 0;)
      all.append(part.data(), static_cast<std::size_t>(got));
    return all;
  }

 private:
  pid_t child_ = -1;
  int answer_ = -1;
};

BOOST_AUTO_TEST_CASE(T54_who_holds_a_token_gives_way_to_whoever_waits_for_it) {
  BOOST_TEST_REQUIRE(geteuid() == 0);  // to speak as other users
  TwoPeople house("[limits]\ntoken_turn_seconds = 1\n");
  const passwd* games = getpwnam("games");
  BOOST_TEST_REQUIRE(games != nullptr);
  const uid_t bob = games->pw_uid;
  constexpr uid_t alice = 65534;
  (void)told(house.daemon, {"user", "set", "alice", "--login", "nobody"});
  (void)told(house.daemon, {"user", "set", "bob", "--login", "games"});
  const SoftKey key =
      house.plug("a", {"--profile", "no-pin", "--touch", "manual", "--action-timeout", "120000"});
  {
    const Toucher toucher(key);
    (void)house.enroll("alice");
    (void)house.enroll("bob");
  }
  std::filesystem::permissions(house.folder.path(), std::filesystem::perms(0711));
  const auto tap = [&](const std::string& user) {
    return [&house, user] {
      std::string asked =
          request("POST", "/v1/verifications/tap", R"({"user":")" + user + R"(","seconds":60})");
      asked.insert(asked.find("\r\n") + 2, "Connection: close\r\n");
      const Socket socket(house.daemon.socket());
      (void)socket.send(asked);
      return socket.receive_all(70);
    };
  };
  const Asking one(alice, tap("alice")), other(bob, tap("bob"));
  // Nobody touches it: whoever came first gives way, long before the minute is over.
  bool first = false;
  for (int i = 0; i < 200 && !first && !other.answered_within(50); ++i)
    first = one.answered_within(50);
  BOOST_TEST_REQUIRE((first || other.answered_within(0)));
  const std::string gave_way = (first ? one : other).answer();
  BOOST_TEST(gave_way.find("\"verdict\":\"denied\"") != std::string::npos, gave_way);
  const Toucher toucher(key);
  const std::string served = (first ? other : one).answer();
  BOOST_TEST(served.find("\"verified\"") != std::string::npos, served);
}

BOOST_AUTO_TEST_CASE(T50_software_tokens_are_for_demo_stores) {
  const TemporaryFolder folder;
  const Ran refused = run({program("countersignd"), "--state", folder / "state", "--socket",
                           folder / "s", "--virtual", "fido2"},
                          {}, 10);
  BOOST_TEST(refused.exit_code == 2);
  BOOST_TEST(refused.err.find("demo") != std::string::npos, refused.err);
}

BOOST_AUTO_TEST_CASE(T46_a_session_that_is_not_here_gets_no_tap) {
  const House house({},
                    false);  // a production store, and no session manager that could say it is here
  add_user(house.daemon, "alice");
  const client::Answer answer = house.daemon.call("POST", "/v1/verifications/tap",
                                                  R"({"user":"alice","here":false,"seconds":2})");
  BOOST_TEST(answer.status == 403);
  BOOST_TEST(answer.body.find("seat") != std::string::npos, answer.body);
}

BOOST_AUTO_TEST_CASE(the_rp_id_is_for_good) {
  const TemporaryFolder folder;
  write_file(folder / "one.toml", "[fido2]\nrp_id = \"one.example\"\n", 0644);
  write_file(folder / "two.toml",
             "[fido2]\nrp_id = \"two.example\"\norigins = [\"https://login.two.example\"]\n", 0644);
  {
    const DaemonProcess daemon({.state = folder / "state",
                                .socket = folder / "s",
                                .more = {"--config", folder / "one.toml"}});
    const Json status = ask(daemon, "GET", "/v1/status");
    BOOST_TEST(text(status, "rp_id") == "one.example");
    BOOST_TEST(status.at("origins").as_array().at(0).as_string() == "https://one.example");
  }
  const Ran refused =
      daemon_refuses(folder / "state", folder / "s", {"--config", folder / "two.toml"});
  BOOST_TEST(refused.exit_code == 2);
  BOOST_TEST(refused.err.find("one.example") != std::string::npos, refused.err);
}

BOOST_AUTO_TEST_SUITE_END()
