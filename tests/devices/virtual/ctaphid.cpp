// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/key/ctaphid.h"

#include <boost/test/unit_test.hpp>

#include <numeric>

using namespace countersign;
using namespace countersign::virtual_key;
using namespace countersign::virtual_key::hid;

namespace {

const Moment start = std::chrono::steady_clock::now();

Bytes counting(std::size_t size) {
  Bytes bytes(size);
  std::iota(bytes.begin(), bytes.end(), Byte{1});
  return bytes;
}

std::optional<Message> whole(const Assembler::Result& result) {
  const auto* const message = std::get_if<Message>(&result);
  return message == nullptr ? std::nullopt : std::optional(*message);
}

std::optional<Fault> fault(const Assembler::Result& result) {
  const auto* const error = std::get_if<ProtocolError>(&result);
  return error == nullptr ? std::nullopt : std::optional(error->fault);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ctaphid)

BOOST_AUTO_TEST_CASE(messages_of_every_size_around_the_packets_edges) {
  for (const std::size_t size : {0U, 1U, 56U, 57U, 58U, 115U, 116U, 117U, 1024U, 7608U, 7609U}) {
    Assembler assembler;
    const Channel channel = assembler.open();
    const Bytes payload = counting(size);
    const auto reports = to_reports(channel, Command::ping, payload);
    BOOST_TEST(reports.size() == (size <= 57 ? 1 : 1 + (size - 57 + 58) / 59));
    for (std::size_t at = 0; at + 1 < reports.size(); ++at)
      BOOST_TEST(!whole(assembler.receive(reports[at], start)));
    const auto message = whole(assembler.receive(reports.back(), start));
    BOOST_REQUIRE(message);
    BOOST_TEST(message->payload == payload);
    BOOST_TEST(message->command == static_cast<Byte>(Command::ping));
  }
}

BOOST_AUTO_TEST_CASE(a_length_over_the_most_is_refused) {
  Assembler assembler;
  const auto reports = to_reports(assembler.open(), Command::ping, {}, 7610);
  BOOST_TEST((fault(assembler.receive(reports[0], start)) == Fault::invalid_length));
}

BOOST_AUTO_TEST_CASE(a_packet_out_of_sequence_ends_the_message) {
  Assembler assembler;
  const auto reports = to_reports(assembler.open(), Command::ping, counting(300));
  (void)assembler.receive(reports[0], start);
  BOOST_TEST((fault(assembler.receive(reports[2], start)) == Fault::invalid_sequence));
  BOOST_TEST((assembler.receive(reports[1], start).index() == 0));  // the rest is ignored
}

BOOST_AUTO_TEST_CASE(a_new_message_within_one_is_refused_but_init_starts_over) {
  Assembler assembler;
  const Channel channel = assembler.open();
  const auto reports = to_reports(channel, Command::ping, counting(300));
  (void)assembler.receive(reports[0], start);
  BOOST_TEST((fault(assembler.receive(reports[0], start)) == Fault::invalid_sequence));
  (void)assembler.receive(reports[0], start);
  BOOST_TEST(whole(assembler.receive(to_reports(channel, Command::init, counting(8))[0], start))
                 .has_value());
  BOOST_TEST(
      whole(assembler.receive(to_reports(channel, Command::ping, {})[0], start)).has_value());
}

BOOST_AUTO_TEST_CASE(another_channel_is_busy_meanwhile) {
  Assembler assembler;
  const Channel one = assembler.open();
  const Channel two = assembler.open();
  (void)assembler.receive(to_reports(one, Command::ping, counting(300))[0], start);
  BOOST_TEST((fault(assembler.receive(to_reports(two, Command::ping, {})[0], start)) ==
              Fault::channel_busy));
}

BOOST_AUTO_TEST_CASE(channels_that_nobody_opened) {
  Assembler assembler;
  for (const Channel channel : {Channel{0}, Channel{1}, Channel{77}, broadcast}) {
    const auto reports = to_reports(channel, Command::ping, counting(100));
    BOOST_TEST((fault(assembler.receive(reports[0], start)) == Fault::invalid_channel));
    BOOST_TEST((assembler.receive(reports[1], start).index() == 0));
  }
}

BOOST_AUTO_TEST_CASE(an_unfinished_message_times_out) {
  Assembler assembler;
  const auto reports = to_reports(assembler.open(), Command::ping, counting(300));
  BOOST_TEST(!assembler.wake());
  (void)assembler.receive(reports[0], start);
  BOOST_TEST((assembler.wake() == start + Assembler::patience));
  BOOST_TEST(!assembler.expire(start + Assembler::patience - std::chrono::milliseconds(1)));
  const auto error = assembler.expire(start + Assembler::patience);
  BOOST_REQUIRE(error);
  BOOST_TEST((error->fault == Fault::message_timeout));
  BOOST_TEST(!assembler.wake());
}

BOOST_AUTO_TEST_SUITE_END()
