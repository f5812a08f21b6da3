// SPDX-License-Identifier: Apache-2.0
// Our configurations are the octets that libykpers makes of the same options.
#include "devices/yubikey/slots.h"

#include <ykpers.h>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstring>
#include <memory>

#include "core/encoding/crc13239.h"

using namespace countersign;
using namespace countersign::devices::yubikey;

namespace {

struct Free {
  void operator()(YKP_CONFIG* config) const { (void)ykp_free_config(config); }
};

// yk_write_command puts the checksum in; ykp leaves it open.
Bytes theirs(YKP_CONFIG* config) {
  Bytes octets(configuration_size);
  std::memcpy(octets.data(), ykp_core_config(config), octets.size());
  const auto sum = static_cast<std::uint16_t>(
      ~formats::crc13239(BytesView(octets).first(configuration_size - 2)));
  octets[50] = static_cast<Byte>(sum);
  octets[51] = static_cast<Byte>(sum >> 8U);
  return octets;
}

std::unique_ptr<YKP_CONFIG, Free> config_of(int command) {
  std::unique_ptr<YKP_CONFIG, Free> config(ykp_alloc());
  YK_STATUS* const status = ykds_alloc();
  std::memcpy(status, "\x05\x04\x03", 3);  // the version comes first in it (ykdef.h)
  ykp_configure_version(config.get(), status);
  ykds_free(status);
  BOOST_REQUIRE(ykp_configure_command(config.get(), static_cast<std::uint8_t>(command)) != 0);
  BOOST_REQUIRE(ykp_set_extflag_SERIAL_API_VISIBLE(config.get(), true) != 0);
  BOOST_REQUIRE(ykp_set_extflag_ALLOW_UPDATE(config.get(), true) != 0);
  return config;
}

Secret counted() {  // each octet is its place
  Secret all(secret_size);
  for (std::size_t i = 0; i < all.size(); ++i) all.expose_mutable()[i] = static_cast<Byte>(i + 1);
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(yubikey_slots)

BOOST_AUTO_TEST_CASE(crc_check_value) {
  BOOST_TEST(static_cast<std::uint16_t>(~formats::crc13239(as_bytes("123456789"))) == 0x906e);
}

BOOST_AUTO_TEST_CASE(hmac_with_touch_as_libykpers_makes_it) {
  const auto config = config_of(0x03);
  BOOST_REQUIRE(ykp_set_tktflag_CHAL_RESP(config.get(), true) != 0);
  BOOST_REQUIRE(ykp_set_cfgflag_CHAL_HMAC(config.get(), true) != 0);
  BOOST_REQUIRE(ykp_set_cfgflag_HMAC_LT64(config.get(), true) != 0);
  BOOST_REQUIRE(ykp_set_cfgflag_CHAL_BTN_TRIG(config.get(), true) != 0);
  const char key[] = "0102030405060708090a0b0c0d0e0f1011121314";
  BOOST_REQUIRE_EQUAL(ykp_HMAC_key_from_hex(config.get(), key), 0);
  Secret all(secret_size);
  for (std::size_t i = 0; i < 20; ++i)
    all.expose_mutable()[i < 16 ? 22 + i : i] = static_cast<Byte>(i + 1);
  const Secret ours = payload_of({.kind = SlotKind::hmac, .touch = true}, all);
  const Bytes wanted = theirs(config.get());
  BOOST_TEST(Bytes(ours.expose().begin(), ours.expose().begin() + configuration_size) == wanted,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(yubico_otp_as_libykpers_makes_it) {
  const auto config = config_of(0x01);
  BOOST_REQUIRE(ykp_set_tktflag_APPEND_CR(config.get(), true) != 0);
  const Secret all = counted();
  Bytes fixed(all.expose().begin(), all.expose().begin() + 6),
      uid(all.expose().begin() + 16, all.expose().begin() + 22),
      code(all.expose().begin() + 38, all.expose().begin() + 44);
  BOOST_REQUIRE(ykp_set_fixed(config.get(), fixed.data(), fixed.size()) != 0);
  BOOST_REQUIRE(ykp_set_uid(config.get(), uid.data(), uid.size()) != 0);
  BOOST_REQUIRE(ykp_set_access_code(config.get(), code.data(), code.size()) != 0);
  const char key[] = "1718191a1b1c1d1e1f20212223242526";
  BOOST_REQUIRE_EQUAL(ykp_AES_key_from_hex(config.get(), key), 0);
  Secret mine = all.copy();
  std::ranges::fill(mine.expose_mutable().subspan(6, 10), Byte{0});
  const Secret ours = payload_of({.kind = SlotKind::yubico_otp, .fixed_size = 6}, mine);
  BOOST_TEST(Bytes(ours.expose().begin(), ours.expose().begin() + configuration_size) ==
                 theirs(config.get()),
             boost::test_tools::per_element());
  BOOST_TEST(Bytes(ours.expose().begin() + configuration_size, ours.expose().end()) ==
                 Bytes(all.expose().begin() + 44, all.expose().end()),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
