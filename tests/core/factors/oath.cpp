// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "core/factors/hotp.h"
#include "core/factors/totp.h"

using namespace countersign;

BOOST_AUTO_TEST_SUITE(oath)

BOOST_AUTO_TEST_CASE(rfc4226_appendix_d) {
  const Secret secret(std::string_view("12345678901234567890"));
  const char* expected[] = {"755224", "287082", "359152", "969429", "338314",
                            "254676", "287922", "162583", "399871", "520489"};
  for (int counter = 0; counter < 10; ++counter)
    BOOST_TEST(hotp::code_at(OathParameters{}, secret, counter) == expected[counter]);
}

BOOST_AUTO_TEST_CASE(rfc6238_appendix_b) {
  const std::string_view seed = "1234567890123456789012345678901234567890123456789012345678901234";
  const Secret sha1(seed.substr(0, 20));
  const Secret sha256(seed.substr(0, 32));
  const Secret sha512(seed);
  struct Row {
    std::int64_t time;
    const char* sha1;
    const char* sha256;
    const char* sha512;
  };
  const Row rows[] = {{59, "94287082", "46119246", "90693936"},
                      {1111111109, "07081804", "68084774", "25091201"},
                      {1111111111, "14050471", "67062674", "99943326"},
                      {1234567890, "89005924", "91819424", "93441116"},
                      {2000000000, "69279037", "90698825", "38618901"},
                      {20000000000, "65353130", "77737706", "47863826"}};
  for (const Row& row : rows) {
    const auto code = [&](HashAlgorithm algorithm, const Secret& secret) {
      const OathParameters parameters{.algorithm = algorithm, .digits = 8};
      return hotp::code_at(parameters, secret,
                           totp::step_at(parameters, from_unix_ms(row.time * 1000)));
    };
    BOOST_TEST(code(HashAlgorithm::sha1, sha1) == row.sha1);
    BOOST_TEST(code(HashAlgorithm::sha256, sha256) == row.sha256);
    BOOST_TEST(code(HashAlgorithm::sha512, sha512) == row.sha512);
  }
}

BOOST_AUTO_TEST_CASE(drift_is_remembered_and_the_window_follows_it) {
  const Secret secret(std::string_view("12345678901234567890"));
  const OathParameters parameters;
  Progress progress;
  // A token that loses a step a month: seen every time, it never falls out of the window.
  for (int late = 1; late <= 10; ++late) {
    const Time now = from_unix_ms(1'700'000'000'000 + std::int64_t{late} * 30 * 86'400'000);
    const std::string code =
        hotp::code_at(parameters, secret, totp::step_at(parameters, now) - late);
    const Check check = totp::check(parameters, secret, progress, totp::Window{}, code, now);
    BOOST_TEST_REQUIRE((check.match == Match::yes));
    BOOST_TEST(check.progress.detail == -late);
    progress = check.progress;
  }
  const Time later = from_unix_ms(1'800'000'000'000);
  const std::string right_time =
      hotp::code_at(parameters, secret, totp::step_at(parameters, later));
  BOOST_TEST((totp::check(parameters, secret, progress, totp::Window{}, right_time, later).match ==
              Match::no));
}

BOOST_AUTO_TEST_CASE(T01_two_codes_find_a_clock_that_is_off_and_used_steps_stay_used) {
  const Secret secret(std::string_view("12345678901234567890"));
  const OathParameters parameters;
  const totp::Window window;
  const Time now = from_unix_ms(1'700'000'000'000);
  const std::int64_t current = totp::step_at(parameters, now);
  const auto at = [&](std::int64_t off) {
    return hotp::code_at(parameters, secret, current + off);
  };
  const auto found = [&](std::int64_t first, std::int64_t second, const Progress& progress = {}) {
    return totp::resync(parameters, secret, progress, window, at(first), at(second), now);
  };
  for (const std::int64_t off : {-2880, -840, -7, 0, 7, 840, 2879}) {
    const Check check = found(off, off + 1);
    BOOST_TEST((check.match == Match::yes), "off by " << off);
    BOOST_TEST(check.progress.counter == current + off + 2);
    BOOST_TEST(check.progress.detail == off + 1);
  }
  for (const auto& [first, second] : {std::pair(-7, -7), std::pair(-6, -7), std::pair(-7, -5),
                                      std::pair(-2881, -2880), std::pair(2880, 2881)})
    BOOST_TEST((found(first, second).match == Match::no), first << ", " << second);

  // Both have to be unused, and what the token shows next counts from then on.
  Progress progress = found(-7, -6).progress;
  BOOST_TEST((found(-7, -6, progress).match == Match::no));
  BOOST_TEST((found(-6, -5, progress).match == Match::no));
  BOOST_TEST((found(-5, -4, progress).match == Match::yes));
  BOOST_TEST((totp::check(parameters, secret, progress, window, at(-6), now).match == Match::used));
  const Check next = totp::check(parameters, secret, progress, window, at(-5), now);
  BOOST_TEST((next.match == Match::yes));
  BOOST_TEST(next.progress.detail == -5);
}

BOOST_AUTO_TEST_CASE(a_drift_that_was_found_is_followed_one_that_creeps_is_bounded) {
  const Secret secret(std::string_view("12345678901234567890"));
  const OathParameters parameters;
  const totp::Window window{.most_drift = 3};
  const auto drift_after = [&](std::int64_t from, int steps, int each) {
    Progress progress{.counter = 0, .detail = from};
    for (int i = 1; i <= steps; ++i) {
      const Time now = from_unix_ms(1'700'000'000'000 + std::int64_t{i} * 86'400'000);
      const std::string code = hotp::code_at(
          parameters, secret, totp::step_at(parameters, now) + progress.detail + each);
      const Check check = totp::check(parameters, secret, progress, window, code, now);
      BOOST_TEST_REQUIRE((check.match == Match::yes));
      progress = check.progress;
    }
    return progress.detail;
  };
  BOOST_TEST(drift_after(0, 9, -1) == -3);
  BOOST_TEST(drift_after(-840, 9, -1) == -849);
  BOOST_TEST(drift_after(-840, 9, 1) == -831);
  BOOST_TEST(drift_after(2880, 9, 1) == 2880);
}

BOOST_AUTO_TEST_CASE(a_code_of_other_length_is_no_match) {
  const Secret secret(std::string_view("12345678901234567890"));
  BOOST_TEST((hotp::check(OathParameters{}, secret, Progress{}, hotp::Window{}, "0755224").match ==
              Match::no));
  BOOST_TEST((hotp::check(OathParameters{}, secret, Progress{}, hotp::Window{}, "75522").match ==
              Match::no));
  BOOST_TEST((hotp::check(OathParameters{}, secret, Progress{}, hotp::Window{}, "755224").match ==
              Match::yes));
}

BOOST_AUTO_TEST_SUITE_END()
