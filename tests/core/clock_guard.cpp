// SPDX-License-Identifier: Apache-2.0
#include "core/engine/clock_guard.h"

#include <boost/test/unit_test.hpp>

#include "tests/fakes/manual_clock.h"

using namespace countersign;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(clock_guard)

BOOST_AUTO_TEST_CASE(T05_back_a_day_nothing_reopens) {
  fakes::ManualClock clock;
  ClockGuard guard(clock, {}, {});
  const Time before = guard.read().now;
  clock.jump(-std::chrono::hours(24));
  BOOST_TEST((guard.read().state == ClockState::behind));
  BOOST_TEST((guard.read().now >= before));
  clock.jump(std::chrono::hours(24));
  BOOST_TEST((guard.read().state == ClockState::good));
}

BOOST_AUTO_TEST_CASE(T05_a_jump_forward_within_a_boot_is_seen_also_after_a_restart_of_the_daemon) {
  fakes::ManualClock clock;
  ClockGuard guard(clock, {}, {});
  (void)guard.read();
  const auto baseline = guard.baseline_to_store();
  BOOST_TEST_REQUIRE(baseline.has_value());
  BOOST_TEST(!guard.baseline_to_store().has_value());
  clock.jump(std::chrono::hours(24 * 3650));
  const ClockReading reading = guard.read();
  BOOST_TEST((reading.state == ClockState::ahead));
  BOOST_TEST((reading.now <
              clock.wall() - std::chrono::hours(24)));  // what is recorded keeps the right time
  ClockGuard restarted(clock, reading.now, baseline);
  BOOST_TEST((restarted.read().state == ClockState::ahead));
  restarted.accept();
  BOOST_TEST((restarted.read().state == ClockState::good));
}

BOOST_AUTO_TEST_CASE(T05_a_machine_that_was_off_for_months_is_fine) {
  fakes::ManualClock clock;
  ClockGuard guard(clock, {}, {});
  const Time last = guard.read().now;
  const auto baseline = guard.baseline_to_store();
  clock.jump(std::chrono::hours(24 * 200));
  clock.reboot();
  ClockGuard later(clock, last, baseline);
  BOOST_TEST((later.read().state == ClockState::good));
}

BOOST_AUTO_TEST_CASE(T05_boot_in_1970_waits_for_the_clock_to_be_set) {
  fakes::ManualClock clock(from_unix_ms(5'000));
  ClockGuard guard(clock, from_unix_ms(1'750'000'000'000), {});
  BOOST_TEST((guard.read().state == ClockState::behind));
  clock.jump(std::chrono::milliseconds(1'750'000'100'000));  // NTP
  BOOST_TEST((guard.read().state == ClockState::good));
  clock.jump(std::chrono::hours(1));
  BOOST_TEST((guard.read().state == ClockState::ahead));
}

BOOST_AUTO_TEST_CASE(T05_what_ntp_corrects_is_no_jump) {
  fakes::ManualClock clock;
  ClockGuard guard(clock, {}, {});
  (void)guard.read();
  for (const auto step : {-90s, 90s, 300s, -60s}) {
    clock.jump(step);
    BOOST_TEST((guard.read().state == ClockState::good));
  }
}

BOOST_AUTO_TEST_SUITE_END()
