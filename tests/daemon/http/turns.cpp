// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/turns.h"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace countersign::http;

BOOST_AUTO_TEST_SUITE(turns)

BOOST_AUTO_TEST_CASE(T54_many_connections_of_one_source_have_one_turn_in_two) {
  Loop loop(1);
  Turns turns(loop);
  std::string ran;
  const auto step = [&](char name) {
    return [&ran, &loop, name] {
      ran += name;
      if (ran.size() == 9) loop.stop();
    };
  };
  for (int i = 0; i < 5; ++i) turns.take("1000", step('a'));
  for (int i = 0; i < 2; ++i) turns.take("1001", step('b'));
  turns.take("1002", [&] {
    step('c')();
    turns.take("1003", step('d'));  // comes while others wait
  });
  loop.run();
  BOOST_TEST(ran == "abcabdaaa");
}

BOOST_AUTO_TEST_CASE(T54_the_loop_does_other_things_between_two_steps) {
  Loop loop(1);
  Turns turns(loop);
  std::string ran;
  for (int i = 0; i < 3; ++i)
    turns.take("1000", [&] {
      ran += 'a';
      loop.post([&] { ran += '.'; });
      if (ran.size() == 5) loop.post([&] { loop.stop(); });
    });
  loop.run();
  BOOST_TEST(ran == "a.a.a.");
}

BOOST_AUTO_TEST_SUITE_END()
