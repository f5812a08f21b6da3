// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/transports/hid_device.h"

#include <boost/test/unit_test.hpp>

#include "tests/devices/virtual/rig.h"

using namespace countersign;
using namespace countersign::test;
using vk::Status;
using vk::hid::Command;

namespace {

constexpr vk::Person slow{.delay = 350ms};
constexpr vk::Person by_hand{.touch = vk::Person::Touch::manual};

vk::hid::Fault fault_of(const Answered& answer) {
  BOOST_REQUIRE((answer.command == Command::error));
  return static_cast<vk::hid::Fault>(answer.payload.at(0));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hid_device)

BOOST_AUTO_TEST_CASE(ping_wink_and_what_it_does_not_know) {
  Rig rig;
  const Bytes payload(1000, 0x42);
  BOOST_TEST(rig.call(Command::ping, payload).payload == payload);
  BOOST_TEST(rig.call(Command::wink, {}).payload.empty());
  BOOST_TEST((fault_of(rig.call(Command::lock, Bytes{1})) == vk::hid::Fault::invalid_command));
}

BOOST_AUTO_TEST_CASE(init_gives_each_host_its_channel_and_says_what_it_can) {
  Rig rig;
  const Bytes nonce{9, 9, 9, 9, 9, 9, 9, 9};
  rig.send(Command::init, nonce, vk::hid::broadcast);
  const Answered answer = rig.next();
  BOOST_REQUIRE(answer.payload.size() == 17);
  BOOST_TEST((Bytes(answer.payload.begin(), answer.payload.begin() + 8) == nonce));
  BOOST_TEST(answer.payload[12] == 2);     // CTAPHID version
  BOOST_TEST(answer.payload[16] == 0x05);  // WINK, CBOR
  BOOST_TEST((fault_of(rig.call(Command::init, Bytes{1})) == vk::hid::Fault::invalid_length));
  Rig old("u2f");
  old.send(Command::init, nonce, vk::hid::broadcast);
  BOOST_TEST(old.next().payload[16] == 0x01);
  BOOST_TEST((fault_of(old.call(Command::cbor, Bytes{4})) == vk::hid::Fault::invalid_command));
}

BOOST_AUTO_TEST_CASE(keepalives_while_it_waits_for_a_touch) {
  Rig rig("no-pin", slow);
  rig.begin(0x01, make_request("alice"));
  BOOST_TEST(rig.silent());
  BOOST_TEST(rig.keepalives == 1);
  BOOST_TEST(rig.last_keepalive == 2);  // user presence needed
  rig.pass(349ms);
  BOOST_TEST(rig.silent());
  BOOST_TEST(rig.keepalives == 4);
  rig.pass(1ms);
  BOOST_TEST((rig.next().status() == Status::ok));
}

BOOST_AUTO_TEST_CASE(cancel_ends_what_waits_and_nothing_else) {
  Rig rig("no-pin", by_hand);
  rig.begin(0x01, make_request("alice"));
  rig.send(Command::cancel, {}, rig.channel + 1);  // a channel that is none
  (void)rig.next();
  BOOST_TEST(rig.silent());
  rig.send(Command::cancel, {});
  BOOST_TEST((rig.next().status() == Status::keepalive_cancel));
  rig.send(Command::cancel, {});
  BOOST_TEST(rig.silent());
  BOOST_TEST(rig.key->state.credentials.empty());
}

BOOST_AUTO_TEST_CASE(while_it_waits_it_is_busy_for_others) {
  Rig rig("no-pin", by_hand);
  rig.begin(0x01, make_request("alice"));
  rig.send(Command::init, Bytes(8, 1), vk::hid::broadcast);
  const Answered opened = rig.next();
  const vk::hid::Channel other = rig.channel + 1;
  BOOST_TEST(opened.payload[11] == static_cast<Byte>(other));
  rig.send(Command::cbor, Bytes{4}, other);
  BOOST_TEST((fault_of(rig.next()) == vk::hid::Fault::channel_busy));
  BOOST_TEST(rig.device->press(vk::Answer::given, rig.now));
  BOOST_TEST((rig.next().status() == Status::ok));
}

BOOST_AUTO_TEST_CASE(nobody_touches_or_somebody_says_no) {
  Rig rig("no-pin", {.touch = vk::Person::Touch::never, .patience = 2s});
  rig.begin(0x01, make_request("alice"));
  rig.pass(1999ms);
  BOOST_TEST(rig.silent());
  rig.pass(1ms);
  BOOST_TEST((rig.next().status() == Status::user_action_timeout));
  BOOST_TEST(!rig.device->press(vk::Answer::given, rig.now));
  rig.begin(0x0b);
  BOOST_TEST(rig.device->press(vk::Answer::refused, rig.now));
  BOOST_TEST((rig.next().status() == Status::operation_denied));
}

BOOST_AUTO_TEST_CASE(pulled_out_at_each_message) {
  // ping, its answer, makeCredential, its answer, ping, its answer.
  for (std::uint32_t at = 1; at <= 6; ++at) {
    Rig rig("no-pin");
    BOOST_REQUIRE(rig.key->faults.set("unplug=" + std::to_string(at)));
    const auto step = [&](Command command, BytesView payload) {
      if (!rig.closed) rig.send(command, payload);
    };
    Bytes make = formats::cbor::encode(make_request("alice"));
    make.insert(make.begin(), 0x01);
    step(Command::ping, {});
    step(Command::cbor, make);
    step(Command::ping, {});
    BOOST_TEST(rig.closed);
    int answers = 0;
    while (!rig.raw.empty()) {
      (void)rig.next();
      ++answers;
    }
    BOOST_TEST(answers == static_cast<int>((at - 1) / 2));
    BOOST_TEST(rig.key->state.credentials.size() ==
               (at >= 4 ? 1U : 0U));  // at 4 it was made, and the host never learnt
  }
}

BOOST_AUTO_TEST_CASE(endless_keepalives_do_not_heed_a_cancel) {
  Rig rig("no-pin");
  BOOST_REQUIRE(rig.key->faults.set("keepalive"));
  BOOST_TEST((rig.cbor(0x04).status() == Status::ok));  // getInfo answers
  rig.begin(0x01, make_request("alice"));
  rig.send(Command::cancel, {});
  rig.pass(100s);
  BOOST_TEST(rig.silent());
  BOOST_TEST(rig.keepalives == 1001);
  BOOST_TEST(rig.last_keepalive == 1);   // processing
  rig.send(Command::init, Bytes(8, 1));  // its own channel's INIT frees it
  BOOST_TEST((rig.next().command == Command::init));
  BOOST_TEST((rig.cbor(0x04).status() == Status::ok));
}

BOOST_AUTO_TEST_CASE(bad_cbor_parses_nowhere) {
  Rig rig("no-pin");
  BOOST_REQUIRE(rig.key->faults.set("bad-cbor"));
  (void)rig.cbor(0x04).body();
  BOOST_CHECK_THROW((void)rig.cbor(0x01, make_request("alice")).body(), std::runtime_error);
  BOOST_CHECK_THROW((void)rig.cbor(0x0b).body(), std::runtime_error);
  BOOST_REQUIRE(rig.key->faults.set("bad-cbor=4"));
  BOOST_CHECK_THROW((void)rig.cbor(0x04).body(), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(bad_length_claims_more_than_there_can_be) {
  Rig rig;
  BOOST_REQUIRE(rig.key->faults.set("bad-length"));
  rig.send(Command::ping, Bytes{1, 2, 3});
  BOOST_REQUIRE(rig.raw.size() == 1);
  BOOST_TEST(rig.raw[0][5] == 0xff);
  BOOST_TEST(rig.raw[0][6] == 0xff);
}

BOOST_AUTO_TEST_SUITE_END()
