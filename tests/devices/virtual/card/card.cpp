// SPDX-License-Identifier: Apache-2.0
// Selection, classes, chains, answers in parts; what power and resets take away.
#include "devices/virtual/card/card.h"

#include <boost/test/unit_test.hpp>

#include "tests/devices/virtual/card/rig.h"

using namespace countersign;
using namespace countersign::test;

BOOST_AUTO_TEST_SUITE(card)

BOOST_AUTO_TEST_CASE(nothing_is_selected_at_first) {
  CardRig rig;
  BOOST_TEST(rig.status(0x20, 0, 0x80) == 0x6d00U);
  BOOST_TEST(rig.select(Bytes{0xa0, 0, 0, 0, 1}) == 0x6a82U);
  BOOST_TEST(rig.status(0x20, 0, 0x80) == 0x6d00U);
  BOOST_TEST(rig.select(piv_aid) == 0x9000U);
  BOOST_TEST(rig.status(0x20, 0, 0x80) == 0x63c3U);
  // One that is not there changes nothing.
  BOOST_TEST(rig.select(Bytes{0xa0, 0, 0, 0, 1}) == 0x6a82U);
  BOOST_TEST(rig.status(0x20, 0, 0x80) == 0x63c3U);
}

BOOST_AUTO_TEST_CASE(the_kind_says_which_applications_there_are) {
  CardRig piv({.openpgp = false});
  BOOST_TEST(piv.select(openpgp_aid) == 0x6a82U);
  CardRig openpgp({.piv = false});
  BOOST_TEST(openpgp.select(piv_aid) == 0x6a82U);
  BOOST_TEST(openpgp.select(openpgp_aid) == 0x9000U);
}

BOOST_AUTO_TEST_CASE(classes_that_it_does_not_speak) {
  CardRig rig;
  const auto with_class = [&](Byte cla) { return rig.raw(Bytes{cla, 0x20, 0x00, 0x80}).status; };
  BOOST_TEST(with_class(0x80) == 0x6e00U);
  BOOST_TEST(with_class(0x0c) == 0x6882U);
  BOOST_TEST(with_class(0x01) == 0x6881U);
}

BOOST_AUTO_TEST_CASE(a_chain_is_one_command) {
  CardRig rig;
  BOOST_TEST(rig.select(piv_aid) == 0x9000U);
  BOOST_REQUIRE(rig.authenticate_management());
  const Bytes content(1000, 0x11);
  const Bytes object = tlv::join({tlv::item(0x5c, {0x5f, 0xc1, 0x05}), tlv::item(0x53, content)});
  BOOST_TEST(rig.status(0xdb, 0x3f, 0xff, object) == 0x9000U);
  const Answered back = rig.send(0xcb, 0x3f, 0xff, tlv::item(0x5c, {0x5f, 0xc1, 0x05}));
  BOOST_TEST(back.data == tlv::item(0x53, content));
}

BOOST_AUTO_TEST_CASE(another_command_ends_a_chain) {
  CardRig rig;
  BOOST_TEST(rig.select(piv_aid) == 0x9000U);
  BOOST_TEST(rig.raw(Bytes{0x10, 0x87, 0x11, 0x9a, 0x01, 0x7c}).status == 0x9000U);
  BOOST_TEST(rig.raw(Bytes{0x00, 0x20, 0x00, 0x80}).status == 0x6883U);
  BOOST_TEST(rig.raw(Bytes{0x00, 0x20, 0x00, 0x80}).status == 0x63c3U);
}

BOOST_AUTO_TEST_CASE(T29_a_chain_without_end_is_refused) {
  CardRig rig;
  BOOST_TEST(rig.select(piv_aid) == 0x9000U);
  Bytes part{0x10, 0xdb, 0x3f, 0xff, 0xff};
  part.resize(5 + 255);
  unsigned status = 0x9000;
  for (int i = 0; i < 100 && status == 0x9000; ++i) status = rig.raw(part).status;
  BOOST_TEST(status == 0x6a84U);
}

BOOST_AUTO_TEST_CASE(long_answers_come_in_parts_or_at_once) {
  CardRig rig;
  BOOST_TEST(rig.select(piv_aid) == 0x9000U);
  BOOST_REQUIRE(rig.authenticate_management());
  (void)rig.generate(0x9a, 0x11);
  const Answered first = rig.raw(Bytes{0x00, 0xf9, 0x9a, 0x00, 0x00});
  BOOST_TEST(first.data.size() == 256U);
  BOOST_TEST((first.status & 0xff00U) == 0x6100U);
  const Answered at_once = rig.raw(Bytes{0x00, 0xf9, 0x9a, 0x00, 0x00, 0x00, 0x00});
  BOOST_TEST(at_once.status == 0x9000U);
  BOOST_TEST(at_once.data.size() > 256U);
  BOOST_TEST(rig.raw(Bytes{0x00, 0xc0, 0x00, 0x00, 0x00}).status == 0x6985U);
}

BOOST_AUTO_TEST_CASE(T30_a_reset_takes_what_was_verified) {
  CardRig rig;
  BOOST_TEST(rig.select(piv_aid) == 0x9000U);
  BOOST_TEST(rig.verify("123456") == 0x9000U);
  BOOST_TEST(rig.status(0x20, 0, 0x80) == 0x9000U);
  rig.card.power_up();
  BOOST_TEST(rig.select(piv_aid) == 0x9000U);
  BOOST_TEST(rig.status(0x20, 0, 0x80) == 0x63c3U);
  // So does another application.
  BOOST_TEST(rig.verify("123456") == 0x9000U);
  BOOST_TEST(rig.select(openpgp_aid) == 0x9000U);
  BOOST_TEST(rig.select(piv_aid) == 0x9000U);
  BOOST_TEST(rig.status(0x20, 0, 0x80) == 0x63c3U);
}

BOOST_AUTO_TEST_CASE(it_says_that_it_is_virtual) {
  CardRig rig;
  BOOST_TEST(rig.card.state().serial >= 2'000'000'000U);
  BOOST_TEST(as_text(rig.card.atr()).find("Countersign") != std::string_view::npos);
  const Answered selected = rig.send(0xa4, 4, 0, piv_aid);
  BOOST_TEST(as_text(selected.data).find("virtual") != std::string_view::npos);
  const Answered management =
      rig.send(0xa4, 4, 0, Bytes{0xa0, 0x00, 0x00, 0x05, 0x27, 0x47, 0x11, 0x17});
  BOOST_TEST(as_text(management.data) == "Virtual mgr - FW version 5.7.1");
}

BOOST_AUTO_TEST_SUITE_END()
