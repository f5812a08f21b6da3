// SPDX-License-Identifier: Apache-2.0
#include "devices/smartcard/reader_names.h"

#include <boost/test/unit_test.hpp>

using namespace countersign::devices::smartcard;

BOOST_AUTO_TEST_SUITE(reader_names)

BOOST_AUTO_TEST_CASE(ids_keep_the_number_that_tells_two_readers_apart) {
  BOOST_TEST(id_of_reader("Virtual PCD 00 01") == "virtual-pcd-00-01");
  const std::string longest = std::string(120, 'x') + " 00 01";
  BOOST_TEST(id_of_reader(longest).size() <= 40U);
  BOOST_TEST(id_of_reader(longest).ends_with("-00-01"));
  BOOST_TEST(id_of_reader("\x1b[2J [] ").find('\x1b') == std::string::npos);
  BOOST_TEST(id_of_reader("").empty());
}

BOOST_AUTO_TEST_CASE(models_are_without_numbers_and_safe_to_show) {
  BOOST_TEST(model_of_reader("Virtual PCD 00 00") == "Virtual PCD");
  BOOST_TEST(model_of_reader("00 00") == "00");
  BOOST_TEST(model_of_reader("a\x1b[2J 00 00").find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_yubikey_is_known_by_its_interfaces) {
  BOOST_TEST((usb_ids_of_reader("Yubico YubiKey OTP+FIDO+CCID 00 00") == UsbIds{0x1050, 0x0407}));
  BOOST_TEST((usb_ids_of_reader("Yubico YubiKey FIDO+CCID 01 00") == UsbIds{0x1050, 0x0406}));
  BOOST_TEST((usb_ids_of_reader("Yubico Yubikey 4 OTP+U2F+CCID 00 00") == UsbIds{0x1050, 0x0407}));
  BOOST_TEST((usb_ids_of_reader("Yubico YubiKey CCID 00 00") == UsbIds{0x1050, 0x0404}));
  BOOST_TEST((usb_ids_of_reader("Gemalto PC Twin Reader 00 00") == UsbIds{}));
}

BOOST_AUTO_TEST_SUITE_END()
