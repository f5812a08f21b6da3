// SPDX-License-Identifier: Apache-2.0
#include "devices/usb/known_tokens.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>

using namespace countersign::devices;
using namespace countersign::devices::usb;

BOOST_AUTO_TEST_SUITE(known_tokens_table)

BOOST_AUTO_TEST_CASE(each_id_once_and_named) {
  std::set<std::pair<int, int>> seen;
  for (const KnownToken& token : known_tokens()) {
    BOOST_TEST(seen.emplace(token.vendor, token.product).second);
    BOOST_TEST(!token.model.empty());
    BOOST_TEST(token.interfaces != 0);
    BOOST_TEST(find_known(token.vendor, token.product) == &token);
  }
  BOOST_TEST(seen.size() >= 80U);
}

BOOST_AUTO_TEST_CASE(the_families_are_there) {
  const std::pair<std::pair<int, int>, std::string_view> expected[] = {
      {{0x1050, 0x0407}, "YubiKey 4"},
      {{0x1050, 0x0120}, "Security Key by Yubico"},
      {{0x1050, 0x0116}, "YubiKey NEO"},
      {{0x20a0, 0x42b2}, "Nitrokey 3"},
      {{0x1209, 0xbeee}, "SoloKeys Solo 2"},
      {{0x18d1, 0x5026}, "Google Titan Security Key"},
      {{0x096e, 0x0866}, "Feitian BioPass K33"},
      {{0x349e, 0x0020}, "Token2 PIN+"},
      {{0x1ea8, 0xf025}, "Thetis FIDO U2F"},
      {{0x2ccf, 0x0880}, "Hypersecu HyperFIDO"},
      {{0x1d50, 0x60fc}, "OnlyKey"},
      {{0x534c, 0x0001}, "Trezor One"},
      {{0x2c97, 0x4011}, "Ledger Nano X"}};
  for (const auto& [ids, model] : expected) {
    const KnownToken* token =
        find_known(static_cast<std::uint16_t>(ids.first), static_cast<std::uint16_t>(ids.second));
    BOOST_REQUIRE(token != nullptr);
    BOOST_TEST(token->model == model);
  }
  BOOST_TEST(find_known(0x046d, 0xc077) == nullptr);
}

BOOST_AUTO_TEST_CASE(a_yubikeys_firmware_tells_its_generation) {
  const KnownToken* token = find_known(0x1050, 0x0407);
  BOOST_REQUIRE(token != nullptr);
  BOOST_TEST(firmware_of(*token, 0x0543) == "5.4.3");
  BOOST_TEST(model_of(*token, 0x0543) == "YubiKey 5");
  BOOST_TEST((fido_capabilities(token, 0x0543) == std::vector{Capability::fido2, Capability::u2f}));
  BOOST_TEST(firmware_of(*token, 0x0435) == "4.3.5");
  BOOST_TEST(model_of(*token, 0x0435) == "YubiKey 4");
  BOOST_TEST((fido_capabilities(token, 0x0435) == std::vector{Capability::u2f}));
  BOOST_TEST(firmware_of(*find_known(0x534c, 0x0001), 0x0100).empty());
  BOOST_TEST(
      (fido_capabilities(nullptr, 0x0100) == std::vector{Capability::fido2, Capability::u2f}));
}

BOOST_AUTO_TEST_SUITE_END()
