// SPDX-License-Identifier: Apache-2.0
// What the card does wrong when it is told to, and the reader's end of its wire.
#include "devices/virtual/card/faults.h"

#include <boost/test/unit_test.hpp>

#include "devices/virtual/card/piv/sample.h"
#include "devices/virtual/card/vpcd.h"
#include "tests/devices/virtual/card/rig.h"

using namespace countersign;
using namespace countersign::test;

namespace {

const Bytes select_piv{0x00, 0xa4, 0x04, 0x00, 0x05, 0xa0, 0x00, 0x00, 0x03, 0x08};
const Bytes certificate_of_9a = tlv::item(0x5c, {0x5f, 0xc1, 0x05});

struct Certified : CardRig {
  Certified() {
    BOOST_REQUIRE(
        card.change([](vc::State& state) { vc::piv::put_expired_certificate(state.piv); }));
    BOOST_REQUIRE(select(piv_aid) == 0x9000U);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(card_faults)

BOOST_AUTO_TEST_CASE(names_and_numbers) {
  vc::Faults faults;
  for (const char* const good :
       {"remove=1", "reset=7", "endless-61xx", "bad-tlv", "cut-off", "garbage-certificates",
        "bad-gzip", "no-status", "too-long", "none"})
    BOOST_TEST(faults.set(good).has_value(), good);
  for (const char* const bad :
       {"", "remove", "remove=0", "remove=x", "reset=", "bad-tlv=1", "none=1", "Cut-off"})
    BOOST_TEST(!faults.set(bad).has_value(), bad);
}

BOOST_FIXTURE_TEST_CASE(T31_removed_at_a_command, CardRig) {
  BOOST_REQUIRE(card.set_fault("remove=2"));
  BOOST_TEST(select(piv_aid) == 0x9000U);
  BOOST_TEST((card.receive(select_piv, now).kind == vc::Outcome::Kind::removed));
}

BOOST_FIXTURE_TEST_CASE(T30_reset_before_a_command_once, CardRig) {
  BOOST_REQUIRE(card.set_fault("reset=3"));
  BOOST_TEST(select(piv_aid) == 0x9000U);
  BOOST_TEST(verify("123456") == 0x9000U);
  BOOST_TEST(status(0x20, 0, 0x80) == 0x6d00U);
  BOOST_TEST(select(piv_aid) == 0x9000U);
  BOOST_TEST(status(0x20, 0, 0x80) == 0x63c3U);
}

BOOST_FIXTURE_TEST_CASE(T29_certificates_and_lengths_that_are_none, Certified) {
  const Bytes good = send(0xcb, 0x3f, 0xff, certificate_of_9a).data;
  const auto with = [&](const char* fault) {
    BOOST_REQUIRE(card.set_fault(fault));
    const Answered answered = send(0xcb, 0x3f, 0xff, certificate_of_9a);
    BOOST_REQUIRE(card.set_fault("none"));
    return answered;
  };
  BOOST_TEST(with("garbage-certificates").data != good);
  BOOST_TEST(tlv::read_inside(with("garbage-certificates").data, 0x53).has_value());
  BOOST_TEST(tlv::read_inside(with("bad-gzip").data, 0x53).has_value());
  BOOST_TEST(!tlv::read_inside(with("bad-tlv").data, 0x53).has_value());
  BOOST_TEST(with("cut-off").data.size() < good.size());
  BOOST_TEST(with("endless-61xx").status == 0x61ffU);
  BOOST_TEST(send(0xcb, 0x3f, 0xff, certificate_of_9a).data == good);
}

BOOST_FIXTURE_TEST_CASE(T29_answers_of_impossible_sizes, CardRig) {
  BOOST_REQUIRE(card.set_fault("no-status"));
  BOOST_TEST(card.receive(select_piv, now).answer.size() == 1U);
  BOOST_REQUIRE(card.set_fault("none"));
  BOOST_REQUIRE(card.set_fault("too-long"));
  BOOST_TEST(card.receive(select_piv, now).answer.size() == 65'535U);
}

// Messages come cut anywhere; orders have one octet.
BOOST_FIXTURE_TEST_CASE(the_wire_of_the_virtual_reader, CardRig) {
  Bytes sent;
  vc::Vpcd vpcd(card, {}, {[&](BytesView octets) { tlv::append(sent, octets); }, [] {}});
  vpcd.plugged();
  Bytes stream{
      0, 1, 1, 0,
      1, 4, 0, static_cast<Byte>(select_piv.size())};  // power on, answer to reset, a command
  tlv::append(stream, select_piv);
  for (const Byte octet : stream) vpcd.receive(Bytes{octet}, now);
  const Bytes atr = card.atr();
  BOOST_TEST(sent[1] == atr.size());
  BOOST_TEST(Bytes(sent.begin() + 2, sent.begin() + 2 + static_cast<std::ptrdiff_t>(atr.size())) ==
             atr);
  BOOST_TEST(sent.back() == 0x00);
  BOOST_TEST(sent[sent.size() - 2] == 0x90);
  // Reset: nothing is selected.
  sent.clear();
  vpcd.receive(Bytes{0, 1, 2, 0, 4, 0, 0x20, 0, 0x80}, now);
  BOOST_TEST(sent == (Bytes{0, 2, 0x6d, 0x00}));
}

BOOST_FIXTURE_TEST_CASE(nobody_touches_in_time, CardRig) {
  BOOST_REQUIRE(card.change([](vc::State& state) {
    state.piv.slots.insert_or_assign(
        0x9e, vc::piv::SlotKey{.key = vc::CardKey::generate(vc::KeyType::p256),
                               .pin = vc::piv::PinPolicy::never,
                               .touch = vc::piv::TouchPolicy::always});
  }));
  Bytes sent;
  virtual_key::Person person{.touch = virtual_key::Person::Touch::manual};
  vc::Vpcd vpcd(card, person, {[&](BytesView octets) { tlv::append(sent, octets); }, [] {}});
  vpcd.plugged();
  BOOST_TEST(select(piv_aid) == 0x9000U);
  const Bytes command = tlv::join(
      {Bytes{0x00, 0x87, 0x11, 0x9e, 0x26},
       tlv::item(0x7c,
                 tlv::join({tlv::item(0x82, BytesView{}), tlv::item(0x81, Bytes(32, Byte{1}))})),
       Bytes{0}});
  const Bytes message = tlv::join({Bytes{0, static_cast<Byte>(command.size())}, command});
  vpcd.receive(message, now);
  BOOST_TEST(sent.empty());
  vpcd.tick(now + std::chrono::seconds(29));
  BOOST_TEST(sent.empty());
  vpcd.tick(now + std::chrono::seconds(31));
  BOOST_TEST(sent == (Bytes{0, 2, 0x69, 0x82}));
  sent.clear();
  vpcd.receive(message, now);
  BOOST_TEST(vpcd.press(true, now));
  BOOST_TEST(sent.size() > 60U);
  BOOST_TEST(!vpcd.press(true, now));
}

BOOST_AUTO_TEST_SUITE_END()
