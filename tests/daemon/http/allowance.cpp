// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/allowance.h"

#include <boost/test/unit_test.hpp>

using countersign::http::Allowance;
using std::chrono::milliseconds;

namespace {

struct Fixture {
  Allowance allowance{{.at_once = 3, .each = milliseconds(100)}};
  Allowance::Time now{milliseconds(1'000'000)};
  bool take(std::uint32_t uid, int after = 0) {
    return allowance.take(uid, now + milliseconds(after));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(allowance, Fixture)

BOOST_AUTO_TEST_CASE(T55_one_uid_takes_its_own_and_no_more) {
  for (int i = 0; i < 3; ++i) BOOST_TEST(take(1000));
  BOOST_TEST(!take(1000));
  BOOST_TEST(!take(1000, 99));
  BOOST_TEST(take(1001));
}

BOOST_AUTO_TEST_CASE(T55_it_fills_again_with_time) {
  for (int i = 0; i < 3; ++i) BOOST_TEST(take(1000));
  BOOST_TEST(take(1000, 100));
  BOOST_TEST(!take(1000, 199));
  BOOST_TEST(take(1000, 200));
  for (int i = 0; i < 3; ++i) BOOST_TEST(take(1000, 10'000));
  BOOST_TEST(!take(1000, 10'000));
}

BOOST_AUTO_TEST_SUITE_END()
