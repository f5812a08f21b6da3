// SPDX-License-Identifier: Apache-2.0
// Cards that break, are pulled out or are reset by others, at each APDU of a verification.
#include <boost/test/unit_test.hpp>

#include <chrono>

#include "tests/e2e/support/card_house.h"

using namespace countersign::test;
using namespace std::chrono_literals;

namespace {

using Place = SoftCard::Place;
using Steady = std::chrono::steady_clock;

struct Enrolled : CardHouse {
  Enrolled() { make_card("blue"); }
  [[nodiscard]] std::size_t enrolled(const std::string& user) const {
    return told(daemon, {"authenticator", "list", "--user", user})
        .at("authenticators")
        .as_array()
        .size();
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(card_faults)

BOOST_AUTO_TEST_CASE(T30_reset_by_somebody_else_at_any_command_no_pin_is_sent_again) {
  const Enrolled house;
  const SoftCard card = house.insert(Place::first_reader, "blue");
  (void)house.enroll_card("alice");
  for (int at = 1; at <= 30; at += 3) {
    card.control({"fault", "none"});
    card.control({"fault", "reset=" + std::to_string(at)});
    const auto wrong = house.verify("alice", "999999", {"--timeout", "5"});
    BOOST_TEST(wrong.exit_code != 0, at);
    card.control({"fault", "none"});
    BOOST_TEST(house.pin_retries() >= 2, at);  // one try at most, whatever was reset
    BOOST_TEST(house.reason(house.verify("alice")) == "verified", at);
  }
}

BOOST_AUTO_TEST_CASE(T31_pulled_out_at_any_command_nothing_is_half_enrolled_and_nothing_hangs) {
  const Enrolled house;
  {
    const SoftCard card = house.insert(Place::socket, "blue");
    (void)house.enroll_card("alice");
  }
  for (int at = 1; at <= 40; at += 4) {
    const SoftCard card =
        house.insert(Place::socket, "blue", {"--fault", "remove=" + std::to_string(at)});
    const auto begun = Steady::now();
    const auto done = house.verify("alice", "123456", {"--timeout", "3"});
    BOOST_TEST((Steady::now() - begun < 8s), at);
    if (done.exit_code != 0) BOOST_TEST(text(done.object, "verdict") == "denied", at);
  }
  BOOST_TEST(house.enrolled("alice") == 1U);
  const SoftCard card = house.insert(Place::socket, "blue");
  BOOST_TEST(house.reason(house.verify("alice")) == "verified");
}

BOOST_AUTO_TEST_CASE(T29_answers_that_are_none_end_in_time_and_deny) {
  const Enrolled house;
  {
    const SoftCard card = house.insert(Place::socket, "blue");
    (void)house.enroll_card("alice");
  }
  for (const char* const fault : {"endless-61xx", "bad-tlv", "cut-off", "garbage-certificates",
                                  "bad-gzip", "no-status", "too-long"}) {
    const SoftCard card = house.insert(Place::socket, "blue", {"--fault", fault});
    const auto begun = Steady::now();
    const auto done = house.verify("alice", "123456", {"--timeout", "3"});
    BOOST_TEST((Steady::now() - begun < 8s), fault);
    BOOST_TEST(done.exit_code != 0, fault);
    BOOST_TEST(text(done.object, "verdict") == "denied", fault);
  }
  const SoftCard card = house.insert(Place::socket, "blue");
  BOOST_TEST(house.reason(house.verify("alice")) == "verified");
}

BOOST_AUTO_TEST_SUITE_END()
