// SPDX-License-Identifier: Apache-2.0
// YubiKeys' slots from the command line to the verdict: programmed and enrolled in one step, taps by HMAC, and the bench.
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <random>
#include <set>
#include <thread>

#include "tests/e2e/key_house.h"

using namespace countersign::test;

namespace {

SoftKey yubikey(const KeyHouse& house, const std::string& name, std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"--kind", "yubikey"});
  return house.plug(name, more);
}

KeyHouse::Done provision(const KeyHouse& house, std::vector<std::string> words) {
  words.insert(words.begin(), {"device", "provision"});
  words.insert(words.end(), {"--timeout", "20"});
  return house.tap(words);
}

bool says(const Json& object, std::string_view part) { return boost::json::serialize(object).find(part) != std::string::npos; }

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

BOOST_AUTO_TEST_CASE(enroll_hmac_and_tap) {
  const KeyHouse house;
  add_user(house.daemon, "alice");
  add_user(house.daemon, "bob");
  const SoftKey key = yubikey(house, "blue");
  const auto done = house.tap({"enroll", "hmac", "--user", "alice", "--slot", "2", "--timeout", "20"});
  BOOST_REQUIRE_MESSAGE(done.exit_code == 0, boost::json::serialize(done.object));
  BOOST_TEST(done.object.at("verified").as_bool());
  for (int i = 0; i < 3; ++i) BOOST_TEST(house.verdict("alice") == "verified");
  BOOST_TEST(house.verdict("bob") == "no-factor");
  // T26: bob's own key does not open alice's account, and hers not his.
  BOOST_TEST(text(enrolled(house, "hmac").at(0), "user") == "alice");
  const Json audit = told(house.daemon, {"audit", "verify"});
  BOOST_TEST(says(audit, "\"intact\":true"), boost::json::serialize(audit));
}

BOOST_AUTO_TEST_CASE(a_touch_is_asked_for_and_nobody_touches) {
  const KeyHouse house;
  add_user(house.daemon, "alice");
  const SoftKey key = yubikey(house, "blue", {"--touch-delay", "300"});
  BOOST_REQUIRE_EQUAL(house.tap({"enroll", "hmac", "--user", "alice", "--touch"}).exit_code, 0);
  const auto tapped = house.tap({"verify", "--tap", "--user", "alice", "--timeout", "10"});
  BOOST_TEST(tapped.exit_code == 0);
  BOOST_TEST(told(tapped, "touch"));
}

BOOST_AUTO_TEST_CASE(a_programmed_slot_is_not_overwritten_unless_it_is_wanted) {
  const KeyHouse house;
  add_user(house.daemon, "alice");
  const SoftKey key = yubikey(house, "blue");
  const auto password = provision(house, {"static", "--slot", "2"});
  BOOST_REQUIRE_MESSAGE(password.exit_code == 0, boost::json::serialize(password.object));
  BOOST_TEST(key.control({"type", "2"}).size() == 33);  // 32 letters and Return
  const auto refused = house.tap({"enroll", "hmac", "--user", "alice"});
  BOOST_TEST(refused.exit_code != 0);
  BOOST_TEST(says(refused.object, "--force"));
  const auto forced = provision(house, {"hmac", "--user", "alice", "--slot", "2", "--force"});
  BOOST_REQUIRE_MESSAGE(forced.exit_code == 0, boost::json::serialize(forced.object));
  BOOST_TEST(house.verdict("alice") == "verified");
  BOOST_TEST(provision(house, {"hmac", "--user", "alice", "--slot", "2"}).exit_code == 6);  // enrolled already
  BOOST_TEST(provision(house, {"erase", "--slot", "2", "--force"}).exit_code == 6);         // what is enrolled has to be revoked first
  BOOST_TEST(provision(house, {"hmac", "--user", "alice", "--slot", "2", "--force"}).exit_code == 0);  // a fresh secret; the old row ends
  BOOST_TEST(enrolled(house, "hmac").size() == 1);
  BOOST_TEST(house.verdict("alice") == "verified");
}

BOOST_AUTO_TEST_CASE(an_access_code_protects_the_slot) {
  const KeyHouse house;
  add_user(house.daemon, "alice");
  const SoftKey key = yubikey(house, "blue");
  const std::string code = house.folder / "code", other = house.folder / "other";
  write_file(code, "0102030405ff\n");
  write_file(other, "ffffffffffff\n");
  BOOST_REQUIRE_EQUAL(provision(house, {"hmac", "--user", "alice", "--new-access-code-file", code}).exit_code, 0);
  const auto refused = provision(house, {"hmac", "--user", "alice", "--force", "--access-code-file", other});
  BOOST_TEST(refused.exit_code != 0);
  BOOST_TEST(says(refused.object, "access code"));
  BOOST_REQUIRE_EQUAL(provision(house, {"hmac", "--user", "alice", "--force", "--access-code-file", code}).exit_code, 0);
  BOOST_TEST(house.verdict("alice") == "verified");
}

BOOST_AUTO_TEST_CASE(hotp_is_programmed_and_its_codes_verify) {
  const KeyHouse house;
  add_user(house.daemon, "alice");
  const SoftKey key = yubikey(house, "blue");
  const auto done = provision(house, {"hotp", "--user", "alice", "--slot", "1", "--no-return"});
  BOOST_REQUIRE_MESSAGE(done.exit_code == 0, boost::json::serialize(done.object));
  std::string typed = key.control({"type", "1"});
  typed.resize(6);
  BOOST_TEST(verdict(house.daemon, "alice", typed) == "verified");
  BOOST_TEST(verdict(house.daemon, "alice", typed) == "used-code");
}

BOOST_AUTO_TEST_CASE(T31_a_key_that_is_pulled_out_goes_on_where_it_was) {
  const KeyHouse house;
  add_user(house.daemon, "alice");
  const SoftKey key = yubikey(house, "blue");
  for (const std::string fault : {"fault power-cut=1", "fault power-cut=3", "fault unplug=20", "fault unplug=30"}) {
    key.control({fault.substr(0, 5), fault.substr(6)});
    const auto began = std::chrono::steady_clock::now();
    const auto broken = provision(house, {"hmac", "--user", "alice"});
    BOOST_TEST((std::chrono::steady_clock::now() - began < std::chrono::seconds(20)));
    key.control({"fault", "none"});
    if (broken.exit_code == 0) break;  // it got through before
    BOOST_TEST(enrolled(house, "hmac").empty());
  }
  const auto again = provision(house, {"hmac", "--user", "alice"});
  BOOST_TEST((again.exit_code == 0 || again.exit_code == 6), boost::json::serialize(again.object));
  BOOST_TEST(enrolled(house, "hmac").size() == 1);
  BOOST_TEST(house.verdict("alice") == "verified");
}

// Twenty keys from a file; the bench is killed three times in the middle. One after the other, as hands would do it.
BOOST_AUTO_TEST_CASE(the_bench_is_killed_three_times_and_twenty_keys_are_enrolled_once_each) {
  const KeyHouse house;
  std::string csv = "name\n";
  for (int i = 0; i < 20; ++i) {
    add_user(house.daemon, "user" + std::to_string(i));
    csv += "user" + std::to_string(i) + "\n";
  }
  const std::string file = house.folder / "users.csv";
  write_file(file, csv);
  std::mt19937 random(20260101);  // the same moments each time
  int kills = 0;
  const auto bench = [&] {
    return std::make_unique<Running>(std::vector<std::string>{program("countersign"), "--socket", house.daemon.socket(), "device", "provision", "hmac", "--from", file, "--loop", "--timeout", "60"});
  };
  auto running = bench();
  for (int i = 0; i < 20; ++i) {
    const SoftKey key = yubikey(house, "key" + std::to_string(i));
    const bool kill_now = kills < 3 && i % 6 == 2;
    if (kill_now) {
      std::this_thread::sleep_for(std::chrono::milliseconds(random() % 250));
      (void)kill(running->pid(), SIGKILL);
      (void)running->wait(5);
      ++kills;
      running = bench();
    }
    for (int wait = 0; wait < 400 && enrolled(house, "hmac").size() < static_cast<std::size_t>(i + 1); ++wait) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    BOOST_REQUIRE_EQUAL(enrolled(house, "hmac").size(), i + 1);
  }
  BOOST_TEST(running->wait(30) == 0);
  BOOST_TEST(kills == 3);
  const auto all = enrolled(house, "hmac");
  std::set<std::string> serials, users;
  for (const Json& each : all) {
    serials.insert(text(each, "serial"));
    users.insert(text(each, "user"));
  }
  BOOST_TEST(serials.size() == 20);
  BOOST_TEST(users.size() == 20);
  const Json report = told(house.daemon, {"device", "provision", "hmac", "--from", file, "--loop"});
  BOOST_TEST(report.at("programmed_before").as_int64() == 20);
}

BOOST_AUTO_TEST_SUITE_END()
