// SPDX-License-Identifier: Apache-2.0
#include "core/encoding/ber_tlv.h"

#include <boost/test/unit_test.hpp>

using namespace countersign;
using namespace countersign::formats;

BOOST_AUTO_TEST_SUITE(ber_tlv)

BOOST_AUTO_TEST_CASE(what_is_made_is_read_at_every_length_form) {
  for (const std::size_t size : {0U, 1U, 127U, 128U, 255U, 256U, 65535U, 65536U}) {
    const Bytes content(size, 0x5A);
    for (const std::uint32_t tag : {0x53U, 0x5F2FU, 0x7F49U, 0x5FC105U}) {
      const Bytes made = tlv::make(tag, content);
      const auto items = tlv::read(made);
      BOOST_REQUIRE(items.has_value());
      BOOST_REQUIRE(items->size() == 1U);
      BOOST_TEST(items->front().tag == tag);
      BOOST_TEST(items->front().content.size() == size);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_path_leads_inside) {
  Bytes inner = tlv::make(0x81, Bytes{1, 2});
  tlv::append(inner, 0x82, Bytes{3});
  const Bytes outer = tlv::make(0x7C, inner);
  const auto found = tlv::find(outer, {0x7C, 0x82});
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST((*found)[0] == 3);
  BOOST_TEST(!tlv::find(outer, {0x7C, 0x83}).has_value());
  BOOST_TEST(!tlv::find(outer, {0x7D, 0x82}).has_value());
}

BOOST_AUTO_TEST_CASE(padding_is_passed_over) {
  const Bytes padded = {0x00, 0xFF, 0x53, 0x01, 0x07, 0x00, 0x00};
  const auto items = tlv::read(padded);
  BOOST_REQUIRE(items.has_value());
  BOOST_TEST(items->size() == 1U);
}

BOOST_AUTO_TEST_CASE(T29_what_claims_more_than_there_is_is_refused) {
  for (const Bytes& bad :
       {Bytes{0x53}, Bytes{0x53, 0x02, 0x01}, Bytes{0x53, 0x80, 0x00, 0x00},
        Bytes{0x53, 0x85, 1, 1, 1, 1, 1}, Bytes{0x53, 0x84, 0xFF, 0xFF, 0xFF, 0xFF}, Bytes{0x5F},
        Bytes{0x5F, 0x81}, Bytes{0x5F, 0x81, 0x82, 0x03, 0x00}, Bytes{0x53, 0x82, 0x01}})
    BOOST_TEST(!tlv::read(bad).has_value());
  Bytes many;
  for (int i = 0; i < 129; ++i) tlv::append(many, 0x53, {});
  BOOST_TEST(!tlv::read(many).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
