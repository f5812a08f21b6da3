// SPDX-License-Identifier: Apache-2.0
#include "devices/smartcard/base/apdu.h"

#include <boost/test/unit_test.hpp>

#include "tests/devices/smartcard/scripted_channel.h"

using namespace countersign;
using namespace countersign::devices::smartcard;
using countersign::test::ScriptedChannel;

namespace {

Deadline soon() { return Deadline::in(std::chrono::seconds(5)); }

}  // namespace

BOOST_AUTO_TEST_SUITE(apdu)

BOOST_AUTO_TEST_CASE(long_data_goes_in_a_chain_and_the_rest_of_the_answer_is_fetched) {
  int fetched = 0;
  ScriptedChannel card([&](BytesView command) -> ScriptedChannel::Answer {
    if (command[1] == 0xC0)
      return ++fetched == 1 ? Bytes{3, 4, 0x61, 0x02} : Bytes{5, 6, 0x90, 0x00};
    return (command[0] & 0x10U) != 0 ? Bytes{0x90, 0x00} : Bytes{1, 2, 0x61, 0x02};
  });
  Apdus apdus(card, soon());
  const Bytes data(300, 7);
  const auto response = apdus.send({.ins = 0x87, .p1 = 7, .p2 = 0x9A, .data = data});
  BOOST_REQUIRE(response.has_value());
  BOOST_TEST(response->status.ok());
  BOOST_TEST((response->data == Bytes{1, 2, 3, 4, 5, 6}));
  BOOST_REQUIRE(card.commands.size() == 4U);
  BOOST_TEST(card.commands[0][0] == 0x10);
  BOOST_TEST(card.commands[0].size() == 5U + 255U);
  BOOST_TEST(card.commands[1][0] == 0x00);
  BOOST_TEST(card.commands[1].size() == 5U + 45U + 1U);  // and Le
}

BOOST_AUTO_TEST_CASE(a_wrong_length_is_asked_again_with_the_right_one) {
  ScriptedChannel card([](BytesView command) -> ScriptedChannel::Answer {
    return command.back() == 0x03 ? Bytes{1, 2, 3, 0x90, 0x00} : Bytes{0x6C, 0x03};
  });
  Apdus apdus(card, soon());
  const auto response = apdus.send({.ins = 0xCA});
  BOOST_REQUIRE(response.has_value());
  BOOST_TEST(response->data.size() == 3U);
}

BOOST_AUTO_TEST_CASE(T29_a_card_that_has_always_more_to_give_is_malformed) {
  ScriptedChannel empty([](BytesView) -> ScriptedChannel::Answer { return Bytes{0x61, 0x00}; });
  BOOST_TEST((Apdus(empty, soon()).send({.ins = 0xCA}).error() == Loss::malformed));
  ScriptedChannel full([](BytesView) -> ScriptedChannel::Answer {
    Bytes answer(256, 1);
    answer.insert(answer.end(), {0x61, 0x00});
    return answer;
  });
  BOOST_TEST((Apdus(full, soon()).send({.ins = 0xCA}).error() == Loss::malformed));
  BOOST_TEST(full.commands.size() <= 300U);
  ScriptedChannel mute([](BytesView) -> ScriptedChannel::Answer { return Bytes{0x90}; });
  BOOST_TEST((Apdus(mute, soon()).send({.ins = 0xCA}).error() == Loss::malformed));
}

BOOST_AUTO_TEST_CASE(after_the_deadline_nothing_is_sent) {
  ScriptedChannel card([](BytesView) -> ScriptedChannel::Answer { return Bytes{0x90, 0x00}; });
  BOOST_TEST((Apdus(card, Deadline::in(std::chrono::milliseconds(0))).send({.ins = 0xCA}).error() ==
              Loss::timed_out));
  BOOST_TEST(card.commands.empty());
}

BOOST_AUTO_TEST_CASE(status_words_say_what_is_left) {
  BOOST_TEST(Status{0x63C2}.tries_left().value() == 2);
  BOOST_TEST(Status{0x6983}.tries_left().value() == 0);
  BOOST_TEST(!Status{0x6982}.tries_left().has_value());
}

BOOST_AUTO_TEST_SUITE_END()
