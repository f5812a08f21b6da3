// SPDX-License-Identifier: Apache-2.0
#include "core/policy/throttle.h"

#include <boost/test/unit_test.hpp>

using namespace countersign;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(throttle)

BOOST_AUTO_TEST_CASE(T07_ten_failures_are_free_then_each_waits_twice_as_long) {
  const ThrottleRules rules;
  Throttle throttle;
  Time now = from_unix_ms(1'700'000'000'000);
  for (int i = 0; i < 9; ++i) add_failure(throttle, 1, now);
  BOOST_TEST((opens_at(throttle, rules) <= now));
  add_failure(throttle, 2, now);  // another caller, the same budget
  BOOST_TEST((opens_at(throttle, rules) == now + 30s));
  now += 31s;
  add_failure(throttle, 1, now);
  BOOST_TEST((opens_at(throttle, rules) == now + 60s));
  for (int i = 0; i < 40; ++i) add_failure(throttle, 1, now);
  BOOST_TEST((opens_at(throttle, rules) == now + 1h));
}

BOOST_AUTO_TEST_CASE(T07_a_success_clears_only_its_own_callers_failures) {
  Throttle throttle;
  const Time now = from_unix_ms(1'700'000'000'000);
  for (int i = 0; i < 6; ++i) add_failure(throttle, 1, now);
  for (int i = 0; i < 3; ++i) add_failure(throttle, 2, now);
  BOOST_TEST(clear_failures(throttle, 2));
  BOOST_TEST(consecutive_failures(throttle) == 6);
  BOOST_TEST(!clear_failures(throttle, 2));
}

BOOST_AUTO_TEST_CASE(T07_the_monthly_cap_is_not_refilled_by_successes) {
  const ThrottleRules rules;
  Throttle throttle;
  Time now = from_unix_ms(1'700'000'000'000);
  const Time first = now;
  for (int i = 0; i < rules.monthly_failures; ++i) {
    add_failure(throttle, 1, now);
    BOOST_TEST(clear_failures(throttle, 1));
    now += 60s;
  }
  BOOST_TEST(consecutive_failures(throttle) == 0);
  BOOST_TEST((opens_at(throttle, rules) == first + std::chrono::days(30)));
  reopen(throttle);
  BOOST_TEST((opens_at(throttle, rules) <= now));
}

BOOST_AUTO_TEST_CASE(T07_many_callers_share_one_count_and_no_memory_grows) {
  Throttle throttle;
  for (std::uint64_t caller = 1; caller <= 1000; ++caller)
    add_failure(throttle, caller, from_unix_ms(1));
  BOOST_TEST(throttle.counts.size() <= 9u);
  BOOST_TEST(consecutive_failures(throttle) == 1000);
}

BOOST_AUTO_TEST_SUITE_END()
