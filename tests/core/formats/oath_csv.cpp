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
  BOOST_TEST(error("serial,secret,Serial Number\n").contains("'Serial Number' twice"));
  BOOST_TEST(error("serial,label\n").contains("no column 'secret'"));
  BOOST_TEST(error("secret,label\n").contains("'serial' nor 'user'"));
  BOOST_TEST(error("serial,secret,SN\n").contains("'SN' twice"));
  BOOST_TEST(error("A1,31323334353637383930\n").contains("--no-header"));
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
  const std::string text = "secret,type,serial\n" + std::string(secret) + ",totp,\"A1\"\n" +
                           std::string(secret) + ",totp,\"A2\"\n";
  for (std::size_t size = 0; size < text.size(); ++size) {
    const auto got = import(std::string_view(text).substr(0, size));
    for (const TokenRecord& record : got.rows)
      BOOST_TEST((record.secret.size() == 20u && (record.serial == "A1" || record.serial == "A2")));
    if (size < text.size() - 2) BOOST_TEST(got.rows.size() < 2u);
  }
}

BOOST_AUTO_TEST_CASE(unknown_columns_are_named_and_passed_over) {
  const std::string s(secret);
  const auto got = import("serial,batch,secret,,\x1b[2J," + s + "\r\nA1,7," + s + ",x,y,z\r\n");
  BOOST_REQUIRE(got.whole());
  BOOST_TEST(got.rows.at(0).serial == "A1");
  BOOST_TEST(
      (got.tally.passed_over == std::vector<std::string>{"batch", "\\x1b[2J", "(32 characters)"}));
}

BOOST_AUTO_TEST_CASE(empty_columns_at_the_end_do_not_count) {
  const std::string s(secret);
  const auto got = import("serial,secret,type,, \r\nA1," + s + ",hotp,,\r\nA2," + s +
                          ",totp\r\n,,,,\r\n ,\r\nA3," + s + ",,,,,\r\nA4," + s + ",,,x\r\n");
  BOOST_TEST(got.result.has_value());
  BOOST_TEST(got.rows.size() == 3u);
  BOOST_TEST(got.tally.passed_over.empty());
  BOOST_REQUIRE(got.refusals.size() == 1u);
  BOOST_TEST(got.refusals[0].line == 7u);
  BOOST_TEST(got.refusals[0].reason.contains("5 fields, the header 3"));
}

BOOST_AUTO_TEST_CASE(what_spreadsheets_save) {
  const std::string s(secret);
  for (const std::string& text :
       {"serial;secret;label\r\n0012;" + s + ";a,b\r\n",
        "serial\tsecret\tlabel\n0012\t" + s + "\ta,b\n",
        "sep=;\r\nserial;secret;label\r\n0012;" + s + ";a,b\r\n",
        "\"sep=,\"\r\nserial,secret,label\r\n0012," + s + ",\"a,b\"\r\n",
        "\xEF\xBB\xBFSep=\t\r\nserial\tsecret\tlabel\r\n0012\t" + s + "\ta,b",
        "serial,secret,label\n=\"0012\"," + s + ",\"a,b\"\n",
        "serial;secret;label\n\"=\"\"0012\"\"\";" + s + ";a,b\n"}) {
    const auto got = import(text);
    BOOST_TEST_CONTEXT(text) {
      BOOST_REQUIRE(got.whole());
      BOOST_REQUIRE(got.rows.size() == 1u);
      BOOST_TEST(got.rows[0].serial == "0012");
      BOOST_TEST(got.rows[0].label == "a,b");
    }
  }
}

BOOST_AUTO_TEST_CASE(numbers_that_a_spreadsheet_rounded_are_refused_by_row) {
  const std::string s(secret);
  const auto got =
      import("serial;secret;label\n2.60000E+12;" + s + ";\n2,6e+12;" + s + ";\n1E10;" + s +
             ";\n4E-05;" + s + ";\nA1;" + s + ";version 1.2E+3\nA2;3.13233E+39;\n");
  BOOST_TEST(got.result.has_value());
  BOOST_TEST(got.rows.size() == 2u);  // a vendor's "1E10" is a name like any other
  std::vector<std::size_t> lines;
  for (const Refused& each : got.refusals) {
    lines.push_back(each.line);
    BOOST_TEST(each.reason.contains("a spreadsheet rounded the number"), each.reason);
  }
  BOOST_TEST((lines == std::vector<std::size_t>{2, 3, 5, 7}));
}

BOOST_AUTO_TEST_CASE(a_secret_in_the_other_encoding_says_so) {
  const auto hex = import("serial,secret\nA1,3132333435363738393031\n");
  BOOST_TEST(hex.refusals.at(0).reason.contains("'secret_hex'"));
  const auto base32 = import("serial,seed\nA1," + std::string(secret) + "\n");
  BOOST_TEST(base32.refusals.at(0).reason.contains("'secret'"));
  BOOST_TEST(!import("serial,seed\nA1,!\n").refusals.at(0).reason.contains("column"));
}

BOOST_AUTO_TEST_CASE(columns_of_vendors_and_other_servers) {
  const auto vendor =
      import("SN,Seed\r\n2600000000001,3132333435363738393031323334353637383930\r\n");
  BOOST_REQUIRE(vendor.whole());
  BOOST_TEST(vendor.rows.at(0).serial == "2600000000001");
  const auto server = import(
      "user,serial,otpkey,tokentype,otplen,hashlib\nalice,T1,31323334353637383930,HOTP,8,sha256\n");
  BOOST_REQUIRE(server.whole());
  BOOST_TEST((server.rows.at(0).oath.digits == 8 &&
              server.rows[0].oath.algorithm == HashAlgorithm::sha256));
  BOOST_TEST(server.rows[0].secret.expose_text() == "1234567890");
}

BOOST_AUTO_TEST_CASE(a_file_without_a_header) {
  const auto read = [](std::string_view columns, std::string_view text) {
    return collect<TokenRecord>(text, [&](const Source& source, TokenSink& sink, Tally& tally) {
      return import_oath_csv_without_header(source, columns, sink, tally);
    });
  };
  const auto usual =
      read(usual_columns,
           "\n1, 3132333435363738393031, hotp, 6, 12\n2, 3132333435363738393031, totp, 8, 60\n");
  BOOST_REQUIRE(usual.whole());
  BOOST_TEST((usual.rows.at(0).line == 2u && usual.rows[0].kind == Kind::hotp &&
              usual.rows[0].counter == 12));
  BOOST_TEST((usual.rows.at(1).oath.period == 60 && usual.rows[1].oath.digits == 8));
  const auto own = read("user,-,secret", "alice;1;" + std::string(secret) + "\nbob;2;" +
                                             std::string(secret) + ";3\n");
  BOOST_TEST(own.rows.size() == 1u);
  BOOST_TEST(own.refusals.at(0).reason.contains("4 fields"));
  for (const char* columns :
       {"", "serial,secret,colour", "serial,secret,SN", "serial,label", "secret", "serial,secret,"})
    BOOST_TEST(!read(columns, "A1,x\n").result, columns);
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
  const auto got =
      import("serial,secret,label\nA1," + std::string(secret) + ",\"'); DROP TABLE users; --\"\n");
  BOOST_REQUIRE(got.whole());
  BOOST_TEST(got.rows.at(0).label == "'); DROP TABLE users; --");
}

BOOST_AUTO_TEST_SUITE_END()
