// SPDX-License-Identifier: Apache-2.0
#include "core/formats/oath_csv.h"

#include <boost/test/unit_test.hpp>

#include "tests/core/formats/collect.h"

using namespace countersign;
using namespace countersign::formats;
using namespace countersign::formats::testing;

namespace {

constexpr std::string_view secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

auto import(std::string_view text) { return collect<TokenRecord>(text, import_oath_csv); }

}  // namespace

BOOST_AUTO_TEST_SUITE(oath_csv)

BOOST_AUTO_TEST_CASE(the_form_that_vendors_ship_for_entra) {
  const auto got = import(
      "upn,serial number,secret key,time interval,manufacturer,model\r\n"
      "Helga@contoso.com,1234567,2234567abcdef2234567abcdef,60,Contoso,HardwareKey\r\n");
  BOOST_REQUIRE(got.whole());
  BOOST_REQUIRE(got.rows.size() == 1u);
  const TokenRecord& record = got.rows[0];
  BOOST_TEST(record.line == 2u);
  BOOST_TEST(record.user == "Helga@contoso.com");
  BOOST_TEST(record.serial == "1234567");
  BOOST_TEST(record.label == "Contoso HardwareKey");
  BOOST_TEST((record.kind == Kind::totp && record.oath.period == 60 && record.oath.digits == 6));
}

BOOST_AUTO_TEST_CASE(all_columns_in_any_order_and_spelling) {
  const auto got = import(
      "Seed-Hex,TYPE,Serial_Number,OTP Length,algorithm,Moving Factor,label,issuer,period\n"
      "31323334353637383930,HOTP,A1,8,sha-512,42,\"Desk, left\",ACME,\n");
  BOOST_REQUIRE(got.whole());
  const TokenRecord& record = got.rows.at(0);
  BOOST_TEST((record.kind == Kind::hotp && record.counter == 42 && record.oath.digits == 8 &&
              record.oath.algorithm == HashAlgorithm::sha512));
  BOOST_TEST(record.label == "Desk, left");
  BOOST_TEST(record.issuer == "ACME");
  BOOST_TEST(record.secret.expose_text() == "1234567890");
}

BOOST_AUTO_TEST_CASE(a_header_that_cannot_be_used_is_refused_by_name) {
  const auto error = [](std::string_view text) {
    const auto got = import(text);
    return got.result ? "" : got.result.error().what;
  };
  BOOST_TEST(error("").contains("empty"));
  BOOST_TEST(error("serial,secret,colour\n").contains("unknown column 'colour'"));
  BOOST_TEST(error("serial,secret,Serial Number\n").contains("'Serial Number' twice"));
  BOOST_TEST(error("serial,label\n").contains("no column 'secret'"));
  BOOST_TEST(error("secret,label\n").contains("'serial' nor 'user'"));
  BOOST_TEST(error("serial;secret\n").contains("semicolons"));
  BOOST_TEST(error("serial,secret,\x1b[2J\n").contains("\\x1b[2J"));
  BOOST_TEST(error(std::string(1U << 20U, 'x') + "\n").contains("longer than 65536"));
}

BOOST_AUTO_TEST_CASE(T44_every_refused_row_is_named_with_its_line) {
  const std::string s(secret);
  const auto got = import(
      "serial,secret,type,digits,period,algorithm,counter,user\n"
      "A1," +
      s +
      ",totp,6,30,SHA1,,alice\n"          // 2: good
      "A2,1NOTBASE32,totp,6,30,SHA1,,\n"  // 3
      "A3," +
      s +
      ",motp,6,30,SHA1,,\n"  // 4
      "A4," +
      s +
      ",totp,5,30,SHA1,,\n"  // 5
      "A5," +
      s +
      ",totp,6,3000,SHA1,,\n"  // 6
      "A6," +
      s +
      ",totp,6,30,MD5,,\n"  // 7
      "A7," +
      s +
      ",hotp,6,30,SHA1,x,\n"  // 8
      "," +
      s +
      ",totp,6,30,SHA1,,\n"     // 9
      "A8,,totp,6,30,SHA1,,\n"  // 10
      "A9," +
      s +
      ",totp\n"  // 11
      "\"A\n10\"," +
      s +
      ",totp,6,30,SHA1,,\n"           // 12 and 13: a serial with a line end
      "A11,MFRGG,totp,6,30,SHA1,,\n"  // 14: 24 bits
      "A12," +
      std::string(1U << 20U, 'A') +
      ",totp,6,30,SHA1,,\n"  // 15
      "A13," +
      s + ",totp,6,30,SHA1,,bob\n");  // 16: good
  BOOST_REQUIRE(got.result);
  BOOST_REQUIRE(got.rows.size() == 2u);
  BOOST_TEST(got.rows[1].line == 16u);
  const std::pair<std::size_t, std::string_view> expected[] = {{3, "letter '1' at position 1"},
                                                               {4, "'motp'"},
                                                               {5, "digits '5'"},
                                                               {6, "period '3000'"},
                                                               {7, "'MD5'"},
                                                               {8, "counter 'x'"},
                                                               {9, "neither a serial nor a user"},
                                                               {10, "no secret"},
                                                               {11, "3 fields, the header 8"},
                                                               {12, "U+000A"},
                                                               {14, "24 bits"},
                                                               {15, "longer than 65536"}};
  BOOST_REQUIRE(got.refusals.size() == std::size(expected));
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    BOOST_TEST(got.refusals[i].line == expected[i].first);
    BOOST_TEST(got.refusals[i].reason.contains(expected[i].second), got.refusals[i].reason);
  }
}

BOOST_AUTO_TEST_CASE(T44_truncated_anywhere_no_row_is_made_up) {
  const std::string text =
      "secret,type,serial\n" + std::string(secret) + ",totp,\"A1\"\n" + std::string(secret) + ",totp,\"A2\"\n";
  for (std::size_t size = 0; size < text.size(); ++size) {
    const auto got = import(std::string_view(text).substr(0, size));
    for (const TokenRecord& record : got.rows)
      BOOST_TEST((record.secret.size() == 20u && (record.serial == "A1" || record.serial == "A2")));
    if (size < text.size() - 2) BOOST_TEST(got.rows.size() < 2u);
  }
}

BOOST_AUTO_TEST_CASE(a_secret_in_the_wrong_column_is_not_shown) {
  const std::string s(secret);
  BOOST_TEST(!import(s + ",A1\n").result.error().what.contains(s.substr(0, 8)));  // no header
  for (const std::string& row : {"A1," + s + "," + s + ",6", "A1," + s + ",totp," + s}) {
    const auto got = import("serial,secret,type,digits\n" + row + "\n");
    BOOST_REQUIRE(got.refusals.size() == 1u);
    BOOST_TEST(got.refusals[0].reason.contains("(32 characters)"));
    BOOST_TEST(!got.refusals[0].reason.contains(s.substr(0, 8)));
  }
}

BOOST_AUTO_TEST_CASE(T35_sql_is_only_text) {
  const auto got = import("serial,secret,label\nA1," + std::string(secret) + ",\"'); DROP TABLE users; --\"\n");
  BOOST_REQUIRE(got.whole());
  BOOST_TEST(got.rows.at(0).label == "'); DROP TABLE users; --");
}

BOOST_AUTO_TEST_SUITE_END()
