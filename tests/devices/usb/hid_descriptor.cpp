// SPDX-License-Identifier: Apache-2.0
#include "devices/usb/hid_descriptor.h"

#include <boost/test/unit_test.hpp>

using namespace countersign;
using namespace countersign::devices::usb;

namespace {

// As a YubiKey sends them.
const Bytes fido{0x06, 0xd0, 0xf1, 0x09, 0x01, 0xa1, 0x01, 0x09, 0x20, 0x15, 0x00, 0x26,
                 0xff, 0x00, 0x75, 0x08, 0x95, 0x40, 0x81, 0x02, 0x09, 0x21, 0x15, 0x00,
                 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x40, 0x91, 0x02, 0xc0};
const Bytes keyboard{0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0x05, 0x07,
                     0x19, 0xe0, 0x29, 0xe7, 0x81, 0x02, 0xc0};

}  // namespace

BOOST_AUTO_TEST_SUITE(hid_descriptor)

BOOST_AUTO_TEST_CASE(the_usage_of_each_top_level_collection) {
  BOOST_TEST((top_level_usages(fido) == std::vector{fido_usage}));
  BOOST_TEST((top_level_usages(keyboard) == std::vector{keyboard_usage}));
  Bytes both = keyboard;
  both.insert(both.end(), fido.begin(), fido.end());
  BOOST_TEST((top_level_usages(both) == std::vector{keyboard_usage, fido_usage}));
  const Bytes extended{0x0b, 0x01, 0x00, 0xd0,
                       0xf1, 0xa1, 0x01, 0xc0};  // a usage of 32 bits brings its page
  BOOST_TEST((top_level_usages(extended) == std::vector{fido_usage}));
}

BOOST_AUTO_TEST_CASE(a_nested_collection_does_not_count) {
  const Bytes nested{0x05, 0x01, 0x09, 0x02, 0xa1, 0x01, 0x06, 0xd0,
                     0xf1, 0x09, 0x01, 0xa1, 0x00, 0xc0, 0xc0};
  BOOST_TEST((top_level_usages(nested) == std::vector{Usage{0x01, 0x02}}));
}

BOOST_AUTO_TEST_CASE(T29_what_is_cut_off_or_nonsense_is_bounded) {
  for (std::size_t size = 0; size < fido.size(); ++size)
    BOOST_TEST(top_level_usages(BytesView(fido).first(size)).size() <= 1U);
  BOOST_TEST(top_level_usages(Bytes(4096, 0xa1)).size() <= 16U);
  Bytes many;
  for (int i = 0; i < 500; ++i) many.insert(many.end(), {0xa0, 0xc0});
  BOOST_TEST(top_level_usages(many).size() == 16U);
  BOOST_TEST(top_level_usages(Bytes{0xfe, 0xff}).empty());
  BOOST_TEST(top_level_usages(Bytes{0xfe}).empty());
}

BOOST_AUTO_TEST_SUITE_END()
