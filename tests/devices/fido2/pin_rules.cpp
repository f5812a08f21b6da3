// SPDX-License-Identifier: Apache-2.0
#include "devices/fido2/pin_rules.h"

#include <boost/test/unit_test.hpp>
#include <string>

using namespace countersign;
using namespace countersign::devices::fido2;

BOOST_AUTO_TEST_SUITE(pin_rules)

BOOST_AUTO_TEST_CASE(T17_what_cannot_be_a_pin) {
  using namespace std::string_view_literals;
  BOOST_TEST(!check_pin(Secret(), 4).has_value());
  BOOST_TEST(!check_pin(Secret("123"), 4).has_value());
  BOOST_TEST(!check_pin(Secret("12345"), 6).has_value());
  BOOST_TEST(
      !check_pin(Secret("123"), 0).has_value());  // a token that asks for less than the standard
  BOOST_TEST(!check_pin(Secret("12\0"
                               "45"sv),
                        4)
                  .has_value());
  BOOST_TEST(!check_pin(Secret("123\xff"), 4).has_value());
  BOOST_TEST(!check_pin(Secret("ééé"), 4).has_value());  // three characters, six octets
  BOOST_TEST(!check_pin(Secret(std::string(64, '1')), 4).has_value());
  BOOST_TEST(!check_pin(Secret(std::size_t{1} << 20U), 4).has_value());
}

BOOST_AUTO_TEST_CASE(what_can) {
  BOOST_TEST(check_pin(Secret("1234"), 4).has_value());
  BOOST_TEST(check_pin(Secret("éééé"), 4).has_value());
  BOOST_TEST(check_pin(Secret(std::string(63, '1')), 4).has_value());
  BOOST_TEST(check_pin(Secret("123456"), 6).has_value());
}

BOOST_AUTO_TEST_CASE(c_text_ends) {
  const Secret text = terminated(Secret("1234"));
  BOOST_TEST(std::string(c_text(text)) == "1234");
}

BOOST_AUTO_TEST_SUITE_END()
