// SPDX-License-Identifier: Apache-2.0
#include "core/policy/recognition.h"

#include <boost/test/unit_test.hpp>

using namespace countersign;

namespace {

const Time start = from_unix_ms(1'800'000'000'000);
constexpr std::chrono::hours day{24};

struct Kiosk {
  Policy policy{.mode = Mode::required,
                .ask = Ask::unrecognized,
                .recognition = {.for_everyone = true, .disuse_days = 30, .maximum_days = 90}};
  User alice{.id = {1}, .name = "alice"};
  User bob{.id = {2}, .name = "bob"};
  User client{.id = {3}, .name = "client", .audience = "client"};
  Machine machine{.id = {9}, .kind = MachineKind::host, .handle = {1}};
  [[nodiscard]] std::string_view state(const User& user, Time now, bool matches = true,
                                       Time since = {}) const {
    return to_name(state_of(machine, matches, policy, user, since, now));
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(recognition)

BOOST_FIXTURE_TEST_CASE(E2_after_one_verification_it_is_recognized_for_the_audience, Kiosk) {
  BOOST_TEST(state(bob, start) == "unrecognized");
  BOOST_TEST(recognize(machine, policy, alice, Kind::totp, start));
  BOOST_TEST(state(bob, start) == "recognized");
  BOOST_TEST(state(client, start) == "unrecognized");
  BOOST_TEST(state(bob, start, false) == "unrecognized");  // another machine with its key (T36)
  policy.recognition.for_everyone = false;                 // policy is read again each time
  BOOST_TEST(state(alice, start) == "unrecognized");
}

BOOST_FIXTURE_TEST_CASE(for_the_user_alone, Kiosk) {
  policy.recognition.for_everyone = false;
  BOOST_TEST(recognize(machine, policy, alice, Kind::totp, start));
  BOOST_TEST(state(alice, start) == "recognized");
  BOOST_TEST(state(bob, start) == "unrecognized");
}

BOOST_FIXTURE_TEST_CASE(E1_it_lapses_by_disuse_and_by_age, Kiosk) {
  BOOST_TEST(recognize(machine, policy, alice, Kind::totp, start));
  BOOST_TEST(state(alice, start + day * 30 - Milliseconds(1)) == "recognized");
  BOOST_TEST(state(alice, start + day * 30) == "lapsed");
  for (int days = 0; days < 90; days += 10)
    BOOST_TEST(touch(machine, policy, alice, start + day * days + std::chrono::hours(2)));
  BOOST_TEST(state(alice, start + day * 90 - Milliseconds(1)) == "recognized");
  BOOST_TEST(state(alice, start + day * 90) == "lapsed");  // however often it was used
  BOOST_TEST(!touch(machine, policy, alice,
                    start + day * 90));  // what has lapsed is not brought back by use
}

BOOST_FIXTURE_TEST_CASE(P4_last_use_is_written_at_most_hourly, Kiosk) {
  BOOST_TEST(recognize(machine, policy, alice, Kind::totp, start));
  BOOST_TEST(!touch(machine, policy, alice, start + std::chrono::minutes(59)));
  BOOST_TEST(touch(machine, policy, alice, start + std::chrono::minutes(60)));
  BOOST_TEST(!touch(machine, policy, alice, start + std::chrono::minutes(61)));
}

BOOST_FIXTURE_TEST_CASE(only_after_the_factors_that_policy_names, Kiosk) {
  policy.recognition.after = {Kind::fido2};
  BOOST_TEST(!recognize(machine, policy, alice, Kind::totp, start));
  BOOST_TEST(state(alice, start) == "unrecognized");
  BOOST_TEST(recognize(machine, policy, alice, Kind::fido2, start));
  BOOST_TEST(state(alice, start) == "recognized");
  policy.recognition.after = {Kind::piv};
  BOOST_TEST(state(alice, start) == "unrecognized");
}

BOOST_FIXTURE_TEST_CASE(T36_policy_can_require_a_key_in_hardware, Kiosk) {
  policy.recognition.hardware_bound = true;
  BOOST_TEST(!recognize(machine, policy, alice, Kind::totp, start));
  machine.hardware_bound = true;
  BOOST_TEST(recognize(machine, policy, alice, Kind::totp, start));
  BOOST_TEST(state(alice, start) == "recognized");
}

BOOST_FIXTURE_TEST_CASE(D2_forgotten_and_blocked, Kiosk) {
  BOOST_TEST(recognize(machine, policy, alice, Kind::totp, start));
  BOOST_TEST(state(alice, start, true, start + Milliseconds(1)) == "forgotten");
  machine.status = MachineStatus::blocked;
  BOOST_TEST(state(alice, start) == "blocked");
  BOOST_TEST(state(alice, start, false) == "blocked");
}

BOOST_FIXTURE_TEST_CASE(many_users_of_one_machine_the_longest_unused_go_first, Kiosk) {
  policy.recognition.for_everyone = false;
  for (std::int64_t id = 1; id <= 100; ++id)
    BOOST_TEST(recognize(machine, policy, User{.id = {id}, .name = "u"}, Kind::totp,
                         start + Milliseconds(id)));
  BOOST_TEST(machine.recognitions.size() == most_recognitions);
  BOOST_TEST(state(User{.id = {100}, .name = "u"}, start + Milliseconds(101)) == "recognized");
  BOOST_TEST(state(User{.id = {1}, .name = "u"}, start + Milliseconds(101)) == "unrecognized");
  const auto again = unpack_recognitions(pack(machine.recognitions));
  BOOST_TEST_REQUIRE(again.has_value());
  BOOST_TEST((*again == machine.recognitions));
}

BOOST_AUTO_TEST_SUITE_END()
