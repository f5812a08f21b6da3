// SPDX-License-Identifier: Apache-2.0
// The reader's child is killed at every message between daemon and reader: no accept, no hang over
// 5 s, no lost enrolment.
#include <boost/test/unit_test.hpp>

#include <chrono>

#include "tests/e2e/support/key_house.h"
#include "tests/e2e/support/reader_proxy.h"

using namespace countersign::test;
using namespace std::chrono_literals;

namespace {

struct ProxiedHouse {
  TemporaryFolder place;
  ReaderProxy proxy{place / "reader", place / "keys"};
  KeyHouse house{"[tokens]\nreader_socket = \"" + (place / "reader") + "\"\n", place / "keys"};
};

constexpr int most_messages = 60;

std::size_t keys_of(const KeyHouse& house, const std::string& user) {
  return told(house.daemon, {"authenticator", "list", "--user", user, "--status", "active"})
      .at("authenticators")
      .as_array()
      .size();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(reader_killed)

BOOST_AUTO_TEST_CASE(at_every_message_of_a_verification) {
  ProxiedHouse proxied;
  const KeyHouse& house = proxied.house;
  add_user(house.daemon, "alice");
  const SoftKey key =
      house.plug("a", {"--profile", "pin", "--pin-file", house.pin("1234"), "--touch-delay", "50"});
  const std::vector<std::string> with_pin = {"--uv", "required", "--pin-file", house.pin("1234")};
  (void)house.enroll("alice", with_pin);
  int boundaries = 0;
  for (int at = 1; at <= most_messages; ++at) {
    proxied.proxy.kill_at(at);
    const auto begun = std::chrono::steady_clock::now();
    const auto done = house.tap({"verify", "--tap", "--user", "alice", "--timeout", "4", "--uv",
                                 "required", "--pin-file", house.pin("1234")});
    BOOST_TEST((std::chrono::steady_clock::now() - begun < 9s), at);  // the deadline and 5 s
    if (!proxied.proxy.killed()) {
      BOOST_TEST(done.exit_code == 0);
      break;
    }
    ++boundaries;
    BOOST_TEST(done.exit_code != 0, "accepted although the reader died before message " << at);
    if (const auto* verdict = done.object.if_contains("verdict"))
      BOOST_TEST(verdict->as_string() == "denied", at);
  }
  BOOST_TEST(boundaries >= 7);  // open, opened, holds, held, get, prompt, secret, ... got
  proxied.proxy.kill_at(0);
  BOOST_TEST(house.verdict("alice", with_pin) == "verified");
  BOOST_TEST(told(house.daemon, {"audit", "verify"}).at("intact").as_bool());
}

// Both keys are open when it is found out which one holds the credential; the PIN goes to that one.
BOOST_AUTO_TEST_CASE(T49_a_pin_is_sent_to_one_child_however_many_there_are) {
  ProxiedHouse proxied;
  const KeyHouse& house = proxied.house;
  add_user(house.daemon, "alice");
  const std::vector<std::string> with_pin = {"--uv", "required", "--pin-file", house.pin("1234")};
  const SoftKey key = house.plug("a", {"--profile", "pin", "--pin-file", house.pin("1234")});
  (void)house.enroll("alice", with_pin);
  const SoftKey other = house.plug("b", {"--profile", "pin", "--pin-file", house.pin("1234")});
  proxied.proxy.kill_at(0);
  BOOST_TEST(house.verdict("alice", with_pin) == "verified");
  BOOST_TEST(proxied.proxy.secrets() == 1);
}

BOOST_AUTO_TEST_CASE(at_every_message_of_an_enrolment) {
  ProxiedHouse proxied;
  const KeyHouse& house = proxied.house;
  add_user(house.daemon, "alice");
  const SoftKey key = house.plug("a", {"--profile", "no-pin", "--touch-delay", "50"});
  int boundaries = 0;
  std::size_t acknowledged = 0;
  for (int at = 1; at <= most_messages; ++at) {
    proxied.proxy.kill_at(at);
    const auto done = house.tap({"enroll", "fido2", "--user", "alice", "--timeout", "4"});
    if (done.exit_code == 0) ++acknowledged;
    BOOST_TEST(keys_of(house, "alice") == acknowledged, at);  // all or nothing
    if (!proxied.proxy.killed()) break;
    ++boundaries;
    BOOST_TEST(done.exit_code != 0, at);
  }
  BOOST_TEST(boundaries >= 4);
  BOOST_TEST(acknowledged == 1U);
  proxied.proxy.kill_at(0);
  BOOST_TEST(house.verdict("alice") == "verified");
}

BOOST_AUTO_TEST_SUITE_END()
