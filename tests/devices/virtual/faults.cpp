// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/key/faults.h"

#include <boost/test/unit_test.hpp>

using countersign::virtual_key::Faults;

BOOST_AUTO_TEST_SUITE(faults)

BOOST_AUTO_TEST_CASE(names_and_numbers) {
  Faults faults;
  for (const char* const good :
       {"unplug=1", "keepalive", "keepalive=2", "bad-cbor", "bad-cbor=255", "bad-length",
        "bad-length=0", "counter-back", "wrong-rp-hash", "uv-cleared", "up-cleared", "full"})
    BOOST_TEST(faults.set(good).has_value(), good);
  BOOST_TEST(faults.unplug.value() == 1U);
  BOOST_TEST(Faults::hits(faults.keepalive, 2));
  BOOST_TEST(!Faults::hits(faults.keepalive, 1));
  for (const char* const bad : {"", "unplug", "unplug=0", "unplug=", "unplug=x", "unplug=1x",
                                "keepalive=256", "bad-length=65536", "full=1", "none=1", "Full"})
    BOOST_TEST(!faults.set(bad).has_value(), bad);
  BOOST_REQUIRE(faults.set("none"));
  BOOST_TEST(!faults.unplug);
  BOOST_TEST(!faults.full);
}

BOOST_AUTO_TEST_SUITE_END()
