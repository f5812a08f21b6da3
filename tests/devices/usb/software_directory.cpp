// SPDX-License-Identifier: Apache-2.0
#include "devices/usb/software_directory.h"

#include <boost/test/unit_test.hpp>

using namespace countersign;
using namespace countersign::devices;
using namespace countersign::devices::usb;

BOOST_AUTO_TEST_SUITE(software_directory)

BOOST_AUTO_TEST_CASE(what_the_json_says) {
  const auto device = software_token(
      "key", "/run/x/key.sock",
      R"({"kind":"fido2","vendor":"V","product":"A key","vendor_id":4617,"product_id":1,"serial":"s1","firmware":"1.0.0"})");
  BOOST_REQUIRE(device.has_value());
  BOOST_TEST(device->id == "software-key");
  BOOST_TEST((device->transport == Transport::software));
  BOOST_TEST(device->model == "A key");
  BOOST_TEST(device->serial == "s1");
  BOOST_TEST(device->firmware == "1.0.0");
  BOOST_TEST(device->vendor == 4617);
  BOOST_TEST(device->product == 1);
  BOOST_TEST(device->node == "/run/x/key.sock");
  BOOST_TEST((device->trouble == Trouble::none));
}

BOOST_AUTO_TEST_CASE(what_is_none_is_refused_and_what_is_strange_is_tamed) {
  for (const char* text : {"", "[]", "{", "7", "{\"kind\":\"fido2\"} x"})
    BOOST_TEST(!software_token("key", "/s", text).has_value());
  BOOST_TEST(
      (software_token("key", "/s", R"({"kind":"abacus"})")->trouble == Trouble::unknown_type));
  BOOST_TEST((software_token("key", "/s", "{}")->trouble == Trouble::unknown_type));
  const auto strange = software_token(
      "key", "/s",
      R"({"kind":"fido2","product":"\u001b[2J","vendor_id":-1,"product_id":"1","serial":7})");
  BOOST_REQUIRE(strange.has_value());
  BOOST_TEST(!strange->model.contains('\x1b'));
  BOOST_TEST(strange->vendor == 0);
  BOOST_TEST(strange->product == 0);
  BOOST_TEST(strange->serial.empty());
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_not_there) {
  BOOST_TEST(!SoftwareDirectory::open("/nowhere/at/all", true).has_value());
  BOOST_TEST(SoftwareDirectory::open("/nowhere/at/all", false)->present().empty());
}

BOOST_AUTO_TEST_SUITE_END()
