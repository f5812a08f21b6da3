// SPDX-License-Identifier: Apache-2.0
#include "core/formats/yubikey_csv.h"

#include <boost/test/unit_test.hpp>

#include "core/encoding/hex.h"
#include "tests/core/formats/collect.h"

using namespace countersign;
using namespace countersign::formats;
using namespace countersign::formats::testing;

namespace {

auto import(std::string_view text) { return collect<TokenRecord>(text, import_yubikey_csv); }

}  // namespace

BOOST_AUTO_TEST_SUITE(yubikey_csv)

BOOST_AUTO_TEST_CASE(yubicos_provisioning_format) {
  const auto got = import(
      "# ykksm 1\n"
      "4711,dlcfffckrcde,ca62baca62ba,ecde18dbe76fbd0c33330f1c354871db,be70aeca62ba,2009-01-22 "
      "00:25:11,\n"
      "4713,dlcfffckrcdedlcf,ca62baca62ba,ecde18dbe76fbd0c33330f1c354871db,be70aeca62ba,2009-01-22 "
      "00:25:11,2009-02-13 00:05:40,0\r\n"
      "# comment\n");
  BOOST_REQUIRE(got.whole());
  BOOST_REQUIRE(got.rows.size() == 2U);
  const TokenRecord& record = got.rows[0];
  BOOST_TEST((record.kind == Kind::yubico_otp));
  BOOST_TEST(record.line == 2U);
  BOOST_TEST(record.serial == "4711");
  BOOST_TEST(hex_encode(record.handle) == "2a044409c023");
  BOOST_TEST(hex_encode(record.secret.expose()) == "ecde18dbe76fbd0c33330f1c354871dbca62baca62ba");
  BOOST_TEST(got.rows[1].handle.size() == 8U);
}

BOOST_AUTO_TEST_CASE(what_ykman_writes) {
  const auto got = import(
      "12345678,vvccccidlvjt,a2c2a3336b3c,fd10dc9bdec5e1a3f8a8ab0cd07a8a19,,2024-05-01T10:00:00,"
      "\n");
  BOOST_REQUIRE(got.whole());
  BOOST_TEST(got.rows.at(0).serial == "12345678");
}

BOOST_AUTO_TEST_CASE(the_personalization_tools_log) {
  const auto got = import(
      "LOGGING START,3/23/2016 12:06 PM\n"
      "Yubico OTP,3/23/2016 12:07 "
      "PM,1,vvccccidlvjt,a2c2a3336b3c,fd10dc9bdec5e1a3f8a8ab0cd07a8a19,,,0,0,0,0,0,0,0,0,0,0\n"
      "OATH-HOTP,3/23/2016 12:08 "
      "PM,2,cccccccccccb,,3132333435363738393031323334353637383930,,,0,0,0,6,0,0,0,0,0,0\n"
      "Static Password,3/23/2016 12:09 PM,1,,,00,,,0,0,0,0,0,0,0,0,0,0\n"
      "Challenge-Response: HMAC-SHA1,3/23/2016 12:09 "
      "PM,2,,,3132333435363738393031323334353637383930,,,0,0,0,0,0,0,0,0,0,0\n");
  BOOST_REQUIRE(got.result.has_value());
  BOOST_REQUIRE(got.rows.size() == 2U);
  BOOST_TEST(got.rows[0].serial == "vvccccidlvjt");
  BOOST_TEST((got.rows[1].kind == Kind::hotp));
  BOOST_TEST(got.rows[1].secret.expose_text() == "12345678901234567890");
  BOOST_REQUIRE(got.refusals.size() == 2U);
  BOOST_TEST(got.refusals[0].line == 4U);
  BOOST_TEST(got.refusals[0].reason.find("Static Password") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(rows_with_wrong_lengths_are_refused_without_showing_secrets) {
  const std::string good = "4711,dlcfffckrcde,ca62baca62ba,ecde18dbe76fbd0c33330f1c354871db,,,";
  for (const std::string& bad :
       {std::string("4711,dlcfffckrcd,ca62baca62ba,ecde18dbe76fbd0c33330f1c354871db,,"),
        std::string("4711,,ca62baca62ba,ecde18dbe76fbd0c33330f1c354871db,,"),
        std::string("4711,dlcfffckrcde,ca62baca62,ecde18dbe76fbd0c33330f1c354871db,,"),
        std::string("4711,dlcfffckrcde,ca62baca62ba,ecde18dbe76fbd0c33330f1c354871,,"),
        std::string("4711,dlcfffckrcde,ca62baca62ba,ecde18dbe76fbd0c33330f1c354871dx,,"),
        std::string("ecde18dbe76fbd0c33330f1c354871db,4711"), std::string("4711"),
        std::string("4711,cccccccccccccccccccccccccccccccccc,ca62baca62ba,"
                    "ecde18dbe76fbd0c33330f1c354871db,,")}) {
    const auto got = import(good + "\n" + bad + "\n");
    BOOST_REQUIRE(got.result.has_value());
    BOOST_TEST(got.rows.size() == 1U);
    BOOST_REQUIRE(got.refusals.size() == 1U);
    BOOST_TEST(got.refusals[0].line == 2U);
    BOOST_TEST(got.refusals[0].reason.find("ecde18") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(T44_a_cut_file) {
  const std::string row =
      "4711,dlcfffckrcde,ca62baca62ba,ecde18dbe76fbd0c33330f1c354871db,be70aeca62ba,2009-01-22 "
      "00:25:11,\n";
  for (std::size_t size = 0; size < row.find(",be70"); ++size)
    BOOST_TEST(import(std::string_view(row).substr(0, size)).rows.empty());
}

BOOST_AUTO_TEST_SUITE_END()
