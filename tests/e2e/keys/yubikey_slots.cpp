// SPDX-License-Identifier: Apache-2.0
// YubiKeys' slots from the command line to the verdict: programmed and enrolled in one step, taps
// by HMAC, and the bench.
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include "tests/e2e/support/key_house.h"

using namespace countersign::test;

namespace {

SoftKey yubikey(const KeyHouse& house, const std::string& name,
                std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"--kind", "yubikey"});
  return house.plug(name, more);
}

KeyHouse::Done provision(const KeyHouse& house, std::vector<std::string> words) {
  words.insert(words.begin(), {"device", "provision"});
  words.insert(words.end(), {"--timeout", "20"});
  return house.tap(words);
}

// What a touch types, without the Return behind it. A key counts time in eighths of a second:
// nobody touches it twice within one.
std::string touched(const SoftKey& key, const std::string& slot = "1") {
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  std::string typed = key.control({"type", slot});
  BOOST_TEST(typed.ends_with('\n'));
  typed.pop_back();
  return typed;
}

bool says(const Json& object, std::string_view part) {
  return boost::json::serialize(object).find(part) != std::string::npos;
}

std::vector<Json> enrolled(const KeyHouse& house, const std::string& kind) {
  const Ran ran = house.daemon.cli({"authenticator", "list", "--kind", kind, "--json"});
  std::vector<Json> all;
  const Json page = object_in(ran.out);
  for (const auto& each : page.at("authenticators").as_array())
    if (text(each.as_object(), "status") == "active") all.push_back(each.as_object());
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(yubikey_slots)

BOOST_AUTO_TEST_CASE(a_key_is_listed_with_serial_firmware_and_slots) {
  const KeyHouse house;
  const SoftKey key = yubikey(house, "blue", {"--firmware", "5.2.7"});
  const Json list = told(house.daemon, {"device", "list"});
  const Json& device = list.at("devices").as_array().at(0).as_object();
  BOOST_TEST(text(device, "firmware") == "5.2.7");
  BOOST_TEST(text(device, "serial").starts_with("20"));
  const Json info = told(house.daemon, {"device", "info"});
  const Json& slots = info.at("slots").as_object();
  BOOST_TEST(slots.at("slots").as_array().size() == 2);
  BOOST_TEST(!slots.at("slots").as_array().at(0).as_object().at("programmed").as_bool());
}

// One of each is plugged in: the security key's touch decides, and is no answer to what it is asked
// next.
BOOST_AUTO_TEST_CASE(a_security_key_and_a_slot_of_one_user_do_not_get_in_each_others_way) {
  const KeyHouse house;
  add_user(house.daemon, "alice");
  const SoftKey slot = yubikey(house, "blue");
  const SoftKey key = house.plug("red", {});
  const auto programmed =
      house.tap({"enroll", "hmac", "--user", "alice", "--slot", "2", "--timeout", "20"});
  BOOST_REQUIRE_MESSAGE(programmed.exit_code == 0, boost::json::serialize(programmed.object));
  const auto bound = house.tap({"enroll", "fido2", "--user", "alice", "--timeout", "20"});
  BOOST_REQUIRE_MESSAGE(bound.exit_code == 0, boost::json::serialize(bound.object));
  for (int i = 0; i < 8; ++i) BOOST_TEST(house.verdict("alice") == "verified");
}

BOOST_AUTO_TEST_CASE(enroll_hmac_and_tap) {
  const KeyHouse house;
  add_user(house.daemon, "alice");
  add_user(house.daemon, "bob");
  const SoftKey key = yubikey(house, "blue");
  const auto done =
      house.tap({"enroll", "hmac", "--user", "alice", "--slot", "2", "--timeout", "20"});
  BOOST_REQUIRE_MESSAGE(done.exit_code == 0, boost::json::serialize(done.object));
  BOOST_TEST(done.object.at("verified").as_bool());
  for (int i = 0; i < 3; ++i) BOOST_TEST(house.verdict("alice") == "verified");
  BOOST_TEST(house.verdict("bob") == "no-factor");
  BOOST_TEST(text(enrolled(house, "hmac").at(0), "user") == "alice");
  told(house.daemon, {"authenticator", "suspend", text(done.object, "authenticator")});
  BOOST_TEST(house.verdict("alice") == "no-factor");
  BOOST_TEST(told(house.daemon, {"audit", "verify"}).at("intact").as_bool());
}

BOOST_AUTO_TEST_CASE(T26_the_key_of_another_is_not_taken) {
  const KeyHouse house;
  add_user(house.daemon, "alice");
  add_user(house.daemon, "bob");
  {
    const SoftKey hers = yubikey(house, "hers");
    BOOST_REQUIRE_EQUAL(provision(house, {"hmac", "--user", "alice"}).exit_code, 0);
  }
  const SoftKey his = yubikey(house, "his");
  BOOST_REQUIRE_EQUAL(provision(house, {"hmac", "--user", "bob"}).exit_code, 0);
  BOOST_TEST(house.verdict("bob") == "verified");
  const auto tapped = house.tap({"verify", "--tap", "--user", "alice", "--timeout", "1"});
  BOOST_TEST(tapped.exit_code != 0);
  BOOST_TEST(countersign::test::told(tapped, "wrong-key"));
}

// A forced overwriting was begun, and the key lost its power before it was written: what is in the
// slot is still somebody else's.
BOOST_AUTO_TEST_CASE(what_was_begun_by_force_goes_on_by_force_alone) {
  const KeyHouse house;
  add_user(house.daemon, "alice");
  const SoftKey key = yubikey(house, "blue");
  BOOST_REQUIRE_EQUAL(provision(house, {"static", "--slot", "2"}).exit_code, 0);
  const std::string password = key.control({"type", "2"});
  key.control({"fault", "power-cut=2"});
  BOOST_REQUIRE(provision(house, {"hmac", "--user", "alice", "--force"}).exit_code != 0);
  key.control({"fault", "none"});
  const auto refused = provision(house, {"hmac", "--user", "alice"});
  BOOST_TEST(refused.exit_code != 0);
  BOOST_TEST(says(refused.object, "--force"), boost::json::serialize(refused.object));
  BOOST_TEST(key.control({"type", "2"}) == password);
  BOOST_TEST(provision(house, {"hmac", "--user", "alice", "--force"}).exit_code == 0);
  BOOST_TEST(house.verdict("alice") == "verified");
  BOOST_TEST(enrolled(house, "hmac").size() == 1);
}

// What somebody else's tool wrote, whose secret IT has in its log: the key itself has to answer
// with it, and nothing is written.
BOOST_AUTO_TEST_CASE(a_secret_that_is_in_the_slot_already_is_taken_when_the_key_answers_with_it) {
  const KeyHouse house;
  add_user(house.daemon, "alice");
  const std::string file = house.folder / "secret", other = house.folder / "other",
                    bad = house.folder / "bad";
  write_file(file, "303132333435363738393a3b3c3d3e3f40414243\n");
  write_file(other, "ffffffffffffffffffffffffffffffffffffffff\n");
  write_file(bad, "303132\n");
  const std::string state = house.keys() + "/blue.state";
  // Yubico's own tool programs it, on a USB bus of its own.
  const Ran written =
      run({program("countersign-virtual"), "run", "--kind", "yubikey", "--state", state, "--",
           "ykpersonalize", "-y", "-2", "-ochal-resp", "-ochal-hmac", "-ohmac-lt64",
           "-oserial-api-visible", "-a303132333435363738393a3b3c3d3e3f40414243"});
  BOOST_REQUIRE_MESSAGE(written.exit_code == 0, written.out + written.err);
  const SoftKey key = house.plug("blue", {"--kind", "yubikey"});
  const auto enroll = [&](const std::string& secret) {
    return house.tap(
        {"enroll", "hmac", "--user", "alice", "--secret-file", secret, "--timeout", "20"});
  };
  BOOST_TEST(enroll(bad).exit_code == 2);
  const auto refused = enroll(other);
  BOOST_TEST(refused.exit_code == 2);
  BOOST_TEST(says(refused.object, "another secret"));
  BOOST_TEST(enrolled(house, "hmac").empty());
  const auto done = enroll(file);
  BOOST_REQUIRE_MESSAGE(done.exit_code == 0, boost::json::serialize(done.object));
  BOOST_TEST(house.verdict("alice") == "verified");
  BOOST_TEST(enroll(file).exit_code == 6);
  BOOST_TEST(says(
      house.tap({"enroll", "hmac", "--user", "alice", "--slot", "1", "--secret-file", file}).object,
      "empty"));
}

BOOST_AUTO_TEST_CASE(a_touch_is_asked_for) {
  const KeyHouse house;
  add_user(house.daemon, "alice");
  const SoftKey key = yubikey(house, "blue", {"--touch-delay", "300"});
  BOOST_REQUIRE_EQUAL(house.tap({"enroll", "hmac", "--user", "alice", "--touch"}).exit_code, 0);
  const auto tapped = house.tap({"verify", "--tap", "--user", "alice", "--timeout", "10"});
  BOOST_TEST(tapped.exit_code == 0);
  BOOST_TEST(countersign::test::told(tapped, "touch"));
  BOOST_TEST(says(tapped.object, "\"user\""));  // amr: somebody was there
}

BOOST_AUTO_TEST_CASE(a_sign_in_is_answered_by_a_slot) {
  const KeyHouse house;
  add_user(house.daemon, "alice");
  const SoftKey key = yubikey(house, "blue");
  BOOST_REQUIRE_EQUAL(provision(house, {"hmac", "--user", "alice"}).exit_code, 0);
  told(house.daemon, {"policy", "set", "staff", "--mode", "required", "--yes"});
  const Json begun = told(
      house.daemon,
      {"sign-in", "begin", "--user", "alice", "--primary", "password", "--service", "web"}, 10);
  const Json decided = told(house.daemon, {"sign-in", "verify", text(begun, "id"), "--tap"});
  BOOST_TEST(text(decided, "decision") == "allow");
}

BOOST_AUTO_TEST_CASE(nobody_touches) {
  const KeyHouse house;
  add_user(house.daemon, "alice");
  const SoftKey key = yubikey(house, "blue", {"--touch", "manual"});
  BOOST_REQUIRE_EQUAL(house.tap({"enroll", "hmac", "--user", "alice", "--touch"}).exit_code, 0);
  const auto tapped = house.tap({"verify", "--tap", "--user", "alice", "--timeout", "2"});
  BOOST_TEST(tapped.exit_code == 4);
  BOOST_TEST(countersign::test::told(tapped, "touch"));
}

// What the key types verifies once.
BOOST_AUTO_TEST_CASE(T01_a_yubico_otp_is_programmed_and_each_that_it_types_verifies_once) {
  const KeyHouse house;
  add_user(house.daemon, "alice");
  const SoftKey key = yubikey(house, "blue");
  const auto done =
      provision(house, {"yubico-otp", "--user", "alice", "--slot", "1", "--label", "blue key"});
  BOOST_REQUIRE_MESSAGE(done.exit_code == 0, boost::json::serialize(done.object));
  BOOST_TEST(countersign::test::told(done, "present"));  // what was on it, before it was written
  BOOST_TEST(!done.object.at("before").at("slots").at(0).at("programmed").as_bool());
  BOOST_TEST(done.object.at("after").at("slots").at(0).at("programmed").as_bool());
  const std::string first = touched(key);
  BOOST_TEST(first.size() == 44);
  BOOST_TEST(first.starts_with(text(done.object, "public_id")));
  BOOST_TEST(first.starts_with("vv"));
  const Json by_itself = told(house.daemon, {"verify", "--code", first});
  BOOST_TEST(text(by_itself, "user") == "alice");
  BOOST_TEST(verdict(house.daemon, "alice", first) == "used-code");
  const std::string second = touched(key);
  BOOST_TEST(verdict(house.daemon, "alice", second) == "verified");
  key.control({"power-cycle"});
  BOOST_TEST(verdict(house.daemon, "alice", touched(key)) == "verified");
  BOOST_TEST(verdict(house.daemon, "alice", second) == "used-code");
  // Nothing of the secret is in the answer or in the record.
  BOOST_TEST(!boost::json::serialize(done.object).contains("secret"));
  BOOST_TEST(told(house.daemon, {"audit", "verify"}).at("intact").as_bool());
}

BOOST_AUTO_TEST_CASE(what_was_programmed_is_exported_as_ykparse_reads_it) {
  const KeyHouse house;
  add_user(house.daemon, "alice");
  const SoftKey key = yubikey(house, "blue");
  const auto done = provision(house, {"yubico-otp", "--user", "alice", "--slot", "1"});
  BOOST_REQUIRE_EQUAL(done.exit_code, 0);
  told(house.daemon, {"export", "yubikey", house.folder / "keys.csv"});
  std::vector<std::string> fields;  // serial, public id, private id, AES key
  std::istringstream row(content_of(house.folder / "keys.csv"));
  for (std::string line; std::getline(row, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream parts(line);
    for (std::string part; std::getline(parts, part, ',');) fields.push_back(part);
  }
  BOOST_REQUIRE(fields.size() >= 4U);
  BOOST_TEST(fields[0] == std::to_string(done.object.at("after").at("serial").as_int64()));
  BOOST_TEST(fields[1] == text(done.object, "public_id"));
  std::string spaced;
  for (std::size_t i = 0; i < fields[2].size(); i += 2)
    spaced += (i == 0 ? "" : " ") + fields[2].substr(i, 2);
  const std::string parsed = tool({"ykparse", fields[3], touched(key)});
  BOOST_TEST(parsed.contains("uid: " + spaced), parsed);
}

BOOST_AUTO_TEST_CASE(without_return_the_otp_is_typed_bare) {
  const KeyHouse house;
  add_user(house.daemon, "alice");
  const SoftKey key = yubikey(house, "blue");
  BOOST_REQUIRE_EQUAL(provision(house, {"yubico-otp", "--user", "alice", "--no-return"}).exit_code,
                      0);
  const std::string typed = key.control({"type", "1"});
  BOOST_TEST(typed.size() == 44);
  BOOST_TEST(verdict(house.daemon, "alice", typed) == "verified");
}

// A password that the key alone knows: nothing here verifies it, and the record says who got it.
BOOST_AUTO_TEST_CASE(a_static_password_is_written_and_enrols_nothing) {
  const KeyHouse house;
  add_user(house.daemon, "alice");
  const SoftKey key = yubikey(house, "blue");
  const auto done = provision(house, {"static", "--user", "alice", "--slot", "2"});
  BOOST_REQUIRE_MESSAGE(done.exit_code == 0, boost::json::serialize(done.object));
  BOOST_TEST((!done.object.contains("authenticator") || done.object.at("authenticator").is_null()));
  const std::string password = key.control({"type", "2"});
  BOOST_TEST(password.size() == 33);  // 32 letters and Return
  BOOST_TEST(key.control({"type", "2"}) == password);
  BOOST_TEST(told(house.daemon, {"authenticator", "list", "--user", "alice"})
                 .at("authenticators")
                 .as_array()
                 .empty());
  BOOST_TEST(says(told(house.daemon, {"audit", "list"}), "slot.static"));
  BOOST_TEST(provision(house, {"static", "--user", "nobody", "--slot", "1"}).exit_code == 6);
  BOOST_TEST(provision(house, {"static", "--slot", "2"}).exit_code != 0);  // programmed
  BOOST_REQUIRE_EQUAL(provision(house, {"static", "--slot", "2", "--force"}).exit_code, 0);
  BOOST_TEST(key.control({"type", "2"}) != password);
}

BOOST_AUTO_TEST_CASE(a_programmed_slot_is_not_overwritten_unless_it_is_wanted) {
  const KeyHouse house;
  add_user(house.daemon, "alice");
  const SoftKey key = yubikey(house, "blue");
  BOOST_REQUIRE_EQUAL(provision(house, {"static", "--slot", "2"}).exit_code, 0);
  const auto refused = house.tap({"enroll", "hmac", "--user", "alice"});
  BOOST_TEST(refused.exit_code != 0);
  BOOST_TEST(says(refused.object, "--force"));
  const auto forced = provision(house, {"hmac", "--user", "alice", "--slot", "2", "--force"});
  BOOST_REQUIRE_MESSAGE(forced.exit_code == 0, boost::json::serialize(forced.object));
  BOOST_TEST(house.verdict("alice") == "verified");
  BOOST_TEST(provision(house, {"hmac", "--user", "alice", "--slot", "2"}).exit_code ==
             6);  // enrolled already
  BOOST_TEST(provision(house, {"erase", "--slot", "2", "--force"}).exit_code ==
             6);  // what is enrolled has to be revoked first
  BOOST_TEST(provision(house, {"swap"}).exit_code == 6);
  BOOST_TEST(provision(house, {"hmac", "--user", "alice", "--slot", "2", "--force"}).exit_code ==
             0);  // a fresh secret; the old row ends
  BOOST_TEST(enrolled(house, "hmac").size() == 1);
  BOOST_TEST(house.verdict("alice") == "verified");
}

BOOST_AUTO_TEST_CASE(slots_are_swapped_and_erased) {
  const KeyHouse house;
  const SoftKey key = yubikey(house, "blue");
  BOOST_REQUIRE_EQUAL(provision(house, {"static", "--slot", "1"}).exit_code, 0);
  const std::string password = key.control({"type", "1"});
  const auto swapped = provision(house, {"swap"});
  BOOST_REQUIRE_MESSAGE(swapped.exit_code == 0, boost::json::serialize(swapped.object));
  BOOST_TEST(key.control({"type", "2"}) == password);
  BOOST_TEST(!swapped.object.at("after").at("slots").at(0).at("programmed").as_bool());
  BOOST_TEST(provision(house, {"erase", "--slot", "2"}).exit_code != 0);
  const auto erased = provision(house, {"erase", "--slot", "2", "--force"});
  BOOST_REQUIRE_MESSAGE(erased.exit_code == 0, boost::json::serialize(erased.object));
  for (const std::size_t slot : {0U, 1U})
    BOOST_TEST(!erased.object.at("after").at("slots").at(slot).at("programmed").as_bool());
  const Json record = told(house.daemon, {"audit", "list"});
  for (const char* deed : {"slot.static", "slot.swap", "slot.erase"})
    BOOST_TEST(says(record, deed), deed);
}

BOOST_AUTO_TEST_CASE(an_access_code_protects_the_slot) {
  const KeyHouse house;
  add_user(house.daemon, "alice");
  const SoftKey key = yubikey(house, "blue");
  const std::string code = house.folder / "code", other = house.folder / "other",
                    none = house.folder / "none", bad = house.folder / "bad";
  write_file(code, "0102030405ff\n");
  write_file(other, "ffffffffffff\n");
  write_file(none, "000000000000\n");
  write_file(bad, "0102\n");
  BOOST_TEST(
      provision(house, {"hmac", "--user", "alice", "--new-access-code-file", bad}).exit_code == 2);
  BOOST_REQUIRE_EQUAL(
      provision(house, {"hmac", "--user", "alice", "--new-access-code-file", code}).exit_code, 0);
  const auto refused =
      provision(house, {"hmac", "--user", "alice", "--force", "--access-code-file", other});
  BOOST_TEST(refused.exit_code != 0);
  BOOST_TEST(says(refused.object, "access code"));
  BOOST_REQUIRE_EQUAL(
      provision(house, {"hmac", "--user", "alice", "--force", "--access-code-file", code})
          .exit_code,
      0);
  BOOST_TEST(house.verdict("alice") == "verified");
  BOOST_TEST(provision(house, {"hmac", "--user", "alice", "--force"}).exit_code !=
             0);  // it stayed in force
  BOOST_REQUIRE_EQUAL(provision(house, {"hmac", "--user", "alice", "--force", "--access-code-file",
                                        code, "--new-access-code-file", none})
                          .exit_code,
                      0);
  BOOST_TEST(provision(house, {"hmac", "--user", "alice", "--force"}).exit_code ==
             0);  // and was taken off
}

BOOST_AUTO_TEST_CASE(firmware_that_can_not_is_told_and_advisories_warn) {
  const KeyHouse house;
  add_user(house.daemon, "alice");
  {
    const SoftKey old = yubikey(house, "old", {"--firmware", "2.1.4"});
    const auto refused = provision(house, {"hmac", "--user", "alice"});
    BOOST_TEST(refused.exit_code != 0);
    BOOST_TEST(says(refused.object, "2.2 or later"));
    BOOST_TEST(says(provision(house, {"swap"}).object, "2.3 or later"));
    BOOST_TEST(provision(house, {"yubico-otp", "--user", "alice"}).exit_code == 0);
  }
  const std::string code = house.folder / "code";
  write_file(code, "0102030405ff\n");
  const SoftKey nfc = yubikey(house, "nfc", {"--firmware", "5.2.4", "--usb", "1050:0407"});
  BOOST_TEST(!countersign::test::told(provision(house, {"hmac", "--user", "alice"}), "advisory"));
  const auto warned =
      provision(house, {"hmac", "--user", "alice", "--force", "--new-access-code-file", code});
  BOOST_TEST(warned.exit_code == 0);
  BOOST_TEST(countersign::test::told(warned, "advisory"));
  BOOST_TEST(says(told(house.daemon, {"audit", "list"}), "YSA-2020-04"));
}

BOOST_AUTO_TEST_CASE(hotp_is_programmed_and_its_codes_verify) {
  const KeyHouse house;
  add_user(house.daemon, "alice");
  add_user(house.daemon, "bob");
  const SoftKey key = yubikey(house, "blue");
  const auto done = provision(house, {"hotp", "--user", "alice", "--slot", "1", "--no-return"});
  BOOST_REQUIRE_MESSAGE(done.exit_code == 0, boost::json::serialize(done.object));
  const std::string first = key.control({"type", "1"});
  BOOST_TEST(first.size() == 6);
  BOOST_TEST(verdict(house.daemon, "alice", first) == "verified");
  BOOST_TEST(verdict(house.daemon, "alice", first) == "used-code");
  BOOST_TEST(verdict(house.daemon, "alice", key.control({"type", "1"})) == "verified");
  BOOST_REQUIRE_EQUAL(
      provision(house, {"hotp", "--user", "bob", "--slot", "2", "--no-return", "--eight-digits"})
          .exit_code,
      0);
  const std::string eight = key.control({"type", "2"});
  BOOST_TEST(eight.size() == 8);
  BOOST_TEST(verdict(house.daemon, "bob", eight) == "verified");
}

// Wherever it is pulled out or loses power: nothing is enrolled that does not work, the same
// command goes on, and one key is enrolled once.
BOOST_AUTO_TEST_CASE(T31_a_key_that_is_pulled_out_goes_on_where_it_was) {
  const KeyHouse house;
  const std::string code = house.folder / "code";
  write_file(code, "0102030405ff\n");
  std::vector<std::string> faults;
  for (int commands = 2; commands <= 6; ++commands)
    faults.push_back("power-cut=" + std::to_string(commands));
  for (int reports = 30; reports <= 120; reports += 9)
    faults.push_back("unplug=" + std::to_string(reports));
  int broken_off = 0, on_the_key_already = 0;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    BOOST_TEST_CONTEXT(faults[i]) {
      const std::string user = "user" + std::to_string(i);
      add_user(house.daemon, user);
      const SoftKey key = yubikey(house, "key" + std::to_string(i));
      const std::vector<std::string> words = {"hmac", "--user", user, "--new-access-code-file",
                                              code};
      key.control({"fault", faults[i]});
      const auto broken = provision(house, words);
      key.control({"fault", "none"});
      const std::size_t others = i;  // each round enrols one
      if (broken.exit_code != 0) {
        ++broken_off;
        BOOST_TEST(enrolled(house, "hmac").size() == others);
        BOOST_TEST(house.verdict(user) == "no-factor");
        const auto again = provision(house, words);
        BOOST_TEST(again.exit_code == 0, boost::json::serialize(again.object));
        if (again.object.contains("before") &&
            again.object.at("before").at("slots").at(1).at("programmed").as_bool())
          ++on_the_key_already;
      }
      BOOST_TEST(enrolled(house, "hmac").size() == others + 1);
      BOOST_TEST(house.verdict(user) == "verified");
    }
  }
  BOOST_TEST(broken_off >= 8);
  BOOST_TEST(on_the_key_already >=
             1);  // its access code was in force, and the secret was written again
  BOOST_TEST(told(house.daemon, {"audit", "verify"}).at("intact").as_bool());
}

BOOST_AUTO_TEST_CASE(what_was_begun_is_not_resumed_by_hand) {
  const KeyHouse house;
  add_user(house.daemon, "alice");
  const SoftKey key = yubikey(house, "blue");
  key.control({"fault", "power-cut=3"});
  BOOST_REQUIRE(provision(house, {"hmac", "--user", "alice"}).exit_code != 0);
  key.control({"fault", "none"});
  const Json page = told(house.daemon, {"authenticator", "list", "--user", "alice"});
  const Json& row = page.at("authenticators").as_array().at(0).as_object();
  BOOST_TEST(text(row, "status") == "suspended");
  BOOST_TEST(says(told(house.daemon, {"authenticator", "resume", text(row, "id")}, 7),
                  "device provision"));
}

// Twenty keys from a file, put in one after the other; the bench is killed three times, and the
// daemon once, at moments that nobody chose.
BOOST_AUTO_TEST_CASE(the_bench_is_killed_three_times_and_twenty_keys_are_enrolled_once_each) {
  KeyHouse house;
  std::string csv = "name\n";
  for (int i = 0; i < 20; ++i) {
    add_user(house.daemon, "user" + std::to_string(i));
    csv += "user" + std::to_string(i) + "\n";
  }
  const std::string file = house.folder / "users.csv";
  write_file(file, csv);
  const unsigned seed = std::random_device()();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937 random(seed);
  const auto a_moment = [&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 400));
  };
  std::set<int> struck;  // at which keys
  while (struck.size() < 4) struck.insert(static_cast<int>(random() % 20));
  const int fatal =
      *std::next(struck.begin(), static_cast<std::ptrdiff_t>(random() % 4));  // for the daemon
  const auto bench = [&] {
    return std::make_unique<Running>(std::vector<std::string>{
        program("countersign"), "--socket", house.daemon.socket(), "device", "provision", "hmac",
        "--from", file, "--loop", "--timeout", "60"});
  };
  int kills = 0;
  auto running = bench();
  for (int i = 0; i < 20; ++i) {
    const SoftKey key = yubikey(house, "key" + std::to_string(i));
    if (struck.contains(i)) {
      a_moment();
      if (i == fatal) {
        house.daemon.kill_now();
        house.daemon.start();
      } else {
        (void)kill(running->pid(), SIGKILL);
        ++kills;
      }
      (void)running->wait(20);
      running = bench();
    }
    for (int wait = 0;
         wait < 400 && enrolled(house, "hmac").size() < static_cast<std::size_t>(i + 1); ++wait)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    BOOST_REQUIRE_EQUAL(enrolled(house, "hmac").size(), i + 1);
    BOOST_TEST(house.verdict("user" + std::to_string(i)) == "verified");  // by this very key
  }
  BOOST_TEST(running->wait(30) == 0);
  BOOST_TEST(kills == 3);
  std::set<std::string> serials, users;
  for (const Json& each : enrolled(house, "hmac")) {
    serials.insert(text(each, "serial"));
    users.insert(text(each, "user"));
  }
  BOOST_TEST(serials.size() == 20);
  BOOST_TEST(users.size() == 20);
  const Json report = told(house.daemon, {"device", "provision", "hmac", "--from", file, "--loop"});
  BOOST_TEST(report.at("programmed_before").as_int64() == 20);
  BOOST_TEST(report.at("keys").as_array().size() == 20);
  BOOST_TEST(told(house.daemon, {"audit", "verify"}).at("intact").as_bool());
}

BOOST_AUTO_TEST_CASE(the_bench_notices_the_same_key_twice_and_reports) {
  const KeyHouse house;
  for (const char* user : {"alice", "bob"}) add_user(house.daemon, user);
  const std::string file = house.folder / "users.csv", output = house.folder / "output";
  write_file(file, "name\nalice\nbob\n");
  auto running = std::make_unique<Running>(
      std::vector<std::string>{program("countersign"), "--socket", house.daemon.socket(), "device",
                               "provision", "yubico-otp", "--slot", "1", "--from", file, "--loop",
                               "--timeout", "20"},
      output);
  const auto await = [&](std::string_view words) {
    for (int wait = 0; wait < 400 && !content_of(output).contains(words); ++wait)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    BOOST_TEST(content_of(output).contains(words), words << " in: " << content_of(output));
  };
  std::string serial;
  {
    const SoftKey first = yubikey(house, "first");
    await("pull it out");
    serial = text(told(house.daemon, {"device", "list"}).at("devices").as_array().at(0).as_object(),
                  "serial");
  }
  await("next: bob");
  {
    const SoftKey first = yubikey(house, "first");  // the same again: its state is in its file
    await("enrolled already, for alice");
  }
  const SoftKey second = yubikey(house, "second");
  await("bob, slot 1 of");
  BOOST_TEST(verdict(house.daemon, "bob", touched(second)) == "verified");
  BOOST_TEST(running->wait(40) == 0);
  const std::string report = content_of(output);
  BOOST_TEST(report.contains("SERIAL"));
  BOOST_TEST(report.rfind(serial) > report.rfind("SERIAL"));
  BOOST_TEST(enrolled(house, "yubico-otp").size() == 2);
}

BOOST_AUTO_TEST_CASE(a_file_with_a_bad_line_programs_nothing) {
  const KeyHouse house;
  add_user(house.daemon, "alice");
  const SoftKey key = yubikey(house, "blue");
  const std::string file = house.folder / "users.csv";
  for (const char* content : {"name\nalice\nalice\n", "name\nalice\nbad\001name\n"}) {
    write_file(file, content);
    const Json said =
        told(house.daemon, {"device", "provision", "hmac", "--from", file, "--loop"}, 2);
    BOOST_TEST(says(said, "line 3"), boost::json::serialize(said));
  }
  write_file(file, "name\nalice\nzoe\n");  // who is not there
  BOOST_TEST(says(told(house.daemon, {"device", "provision", "hmac", "--from", file, "--loop"}, 6),
                  "zoe"));
  BOOST_TEST(enrolled(house, "hmac").empty());
}

BOOST_AUTO_TEST_SUITE_END()
