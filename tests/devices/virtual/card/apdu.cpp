// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/card/base/apdu.h"

#include <boost/test/unit_test.hpp>

using namespace countersign;
using virtual_card::parse_command;

BOOST_AUTO_TEST_SUITE(apdu)

// ISO/IEC 7816-4 §5.1, table 1: the seven forms.
BOOST_AUTO_TEST_CASE(every_case_of_lengths) {
  const auto expect = [](const Bytes& octets, std::size_t data, std::size_t expected) {
    const auto command = parse_command(octets);
    BOOST_REQUIRE(command.has_value());
    BOOST_TEST(command->data.size() == data);
    BOOST_TEST(command->expected == expected);
  };
  expect({0, 0xa4, 4, 0}, 0, 0);
  expect({0, 0xa4, 4, 0, 0}, 0, 256);
  expect({0, 0xa4, 4, 0, 7}, 0, 7);
  expect({0, 0xa4, 4, 0, 2, 1, 2}, 2, 0);
  expect({0, 0xa4, 4, 0, 2, 1, 2, 0}, 2, 256);
  expect({0, 0xa4, 4, 0, 0, 0, 0}, 0, 65'536);
  expect({0, 0xa4, 4, 0, 0, 1, 0}, 0, 256);
  expect({0, 0xa4, 4, 0, 0, 0, 2, 1, 2}, 2, 0);
  expect({0, 0xa4, 4, 0, 0, 0, 2, 1, 2, 1, 1}, 2, 257);
}

BOOST_AUTO_TEST_CASE(lengths_that_do_not_fit_are_refused) {
  for (const Bytes& octets :
       {Bytes{}, Bytes{0, 0xa4, 4}, Bytes{0, 0xa4, 4, 0, 3, 1, 2}, Bytes{0, 0xa4, 4, 0, 1, 1, 2, 3},
        Bytes{0, 0xa4, 4, 0, 0, 1}, Bytes{0, 0xa4, 4, 0, 0, 0, 3, 1, 2},
        Bytes{0, 0xa4, 4, 0, 0, 0, 1, 1, 2}, Bytes{0, 0xa4, 4, 0, 0, 0, 0, 1}})
    BOOST_TEST(!parse_command(octets).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
