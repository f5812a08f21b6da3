// SPDX-License-Identifier: Apache-2.0
#include "core/formats/otpauth.h"

#include <boost/test/unit_test.hpp>
#include <random>

#include "tests/core/formats/collect.h"

using namespace countersign;
using namespace countersign::formats;
using namespace countersign::formats::testing;

namespace {

constexpr std::string_view google_example =
    "otpauth://totp/"
    "ACME%20Co:john.doe@email.com?secret=HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ&issuer=ACME%20Co&"
    "algorithm=SHA1&digits=6&period=30";

std::string error_of(std::string_view uri) {
  const auto record = parse_otpauth(uri);
  return record ? "" : record.error().what;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(otpauth)

BOOST_AUTO_TEST_CASE(the_example_of_the_key_uri_format) {
  const auto record = parse_otpauth(google_example);
  BOOST_REQUIRE(record);
  BOOST_TEST((record->kind == Kind::totp));
  BOOST_TEST(record->issuer == "ACME Co");
  BOOST_TEST(record->label == "john.doe@email.com");
  BOOST_TEST(record->user == "john.doe@email.com");
  BOOST_TEST((record->oath == OathParameters{}));
  BOOST_TEST(record->secret.size() == 20u);
}

BOOST_AUTO_TEST_CASE(all_parameters_count) {
  const auto record = parse_otpauth(
      "OTPAUTH://HOTP/"
      "x?digits=8&Counter=7&secret=gezdgnbvgy3tqojqgezdgnbvgy3tqojq&algorithm=sha256&image=y&"
      "issuer=A+B#f");
  BOOST_REQUIRE(record);
  BOOST_TEST((record->kind == Kind::hotp));
  BOOST_TEST(record->counter == 7);
  BOOST_TEST(record->oath.digits == 8);
  BOOST_TEST((record->oath.algorithm == HashAlgorithm::sha256));
  BOOST_TEST(record->issuer == "A B");
  BOOST_TEST(record->secret.expose_text() == "12345678901234567890");
  BOOST_TEST(parse_otpauth("otpauth://totp/Old%3a%20a?secret=GEZDGNBVGY3TQOJQ&issuer=New&period=60")
                 ->issuer == "New");
}

BOOST_AUTO_TEST_CASE(without_an_account_the_label_is_the_issuer) {
  for (const char* uri : {"otpauth://totp/?secret=GEZDGNBVGY3TQOJQ&issuer=ACME",
                          "otpauth://totp?secret=GEZDGNBVGY3TQOJQ&issuer=ACME",
                          "otpauth://totp/ACME:?secret=GEZDGNBVGY3TQOJQ",
                          "otpauth://totp/%20?issuer=ACME&secret=GEZDGNBVGY3TQOJQ"}) {
    const auto record = parse_otpauth(uri);
    BOOST_REQUIRE(record);
    BOOST_TEST(record->user.empty());
    BOOST_TEST(record->label == "ACME");
  }
  BOOST_TEST(parse_otpauth("otpauth://totp/?secret=GEZDGNBVGY3TQOJQ")->label.empty());
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named) {
  const std::string secret = "secret=GEZDGNBVGY3TQOJQ";
  BOOST_TEST(error_of("https://example.org").contains("no otpauth:// URI"));
  BOOST_TEST(error_of("otpauth-migration://offline?data=Cg").contains("migration"));
  BOOST_TEST(error_of("otpauth://yubikey/a?" + secret).contains("'yubikey'"));
  BOOST_TEST(error_of("otpauth://totp/a").contains("no secret"));
  BOOST_TEST(error_of("otpauth://totp/a?digits=6").contains("no secret"));
  BOOST_TEST(error_of("otpauth://hotp/a?" + secret).contains("counter"));
  BOOST_TEST(error_of("otpauth://totp/a?" + secret + "&" + secret).contains("secret twice"));
  BOOST_TEST(
      error_of("otpauth://totp/a?" + secret + "&digits=6&Digits=8").contains("digits twice"));
  BOOST_TEST(
      error_of("otpauth://totp/a?" + secret + "&digits=9").contains("'9' is not between 6 and 8"));
  BOOST_TEST(error_of("otpauth://totp/a?" + secret + "&period=0").contains("period"));
  BOOST_TEST(error_of("otpauth://totp/a?" + secret + "&algorithm=MD5").contains("'MD5'"));
  BOOST_TEST(error_of("otpauth://hotp/a?" + secret + "&counter=-1").contains("counter"));
  BOOST_TEST(
      error_of("otpauth://hotp/a?" + secret + "&counter=9223372036854775808").contains("counter"));
  BOOST_TEST(error_of("otpauth://totp/a?secret=GEZDGNB1").contains("letter '1' at position 8"));
  BOOST_TEST(error_of("otpauth://totp/a?secret=GEZDGNBV").contains("40 bits"));
  BOOST_TEST(error_of("otpauth://totp/a%?" + secret).contains("%"));
  BOOST_TEST(error_of("otpauth://totp/a%1b%5b2J?" + secret).contains("U+001B"));
  BOOST_TEST(
      error_of("otpauth://totp/" + std::string(1U << 20U, 'a') + "?" + secret).contains("longer"));
}

BOOST_AUTO_TEST_CASE(T33_what_a_phone_scans_is_percent_encoded) {
  const Secret secret("12345678901234567890");
  const auto uri = make_otpauth({"A&B=C?", "é /#%:alice"}, Kind::totp, {}, 0, secret);
  BOOST_REQUIRE(uri);
  BOOST_TEST(uri->expose_text() ==
             "otpauth://totp/"
             "A%26B%3DC%3F:%C3%A9%20%2F%23%25%3Aalice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&"
             "issuer=A%26B%3DC%3F"
             "&algorithm=SHA1&digits=6&period=30");
  BOOST_TEST(!make_otpauth({"", "a\nb"}, Kind::totp, {}, 0, secret));
  BOOST_TEST(!make_otpauth({"\x1b]8;;http://x\x1b\\", "a"}, Kind::totp, {}, 0, secret));
  BOOST_TEST(!make_otpauth({"", "a\u202eb"}, Kind::totp, {}, 0, secret));
  BOOST_TEST(!make_otpauth({"", ""}, Kind::totp, {}, 0, secret));
  BOOST_TEST(!make_otpauth({"a:b", "c"}, Kind::totp, {}, 0, secret));
  BOOST_TEST(!make_otpauth({"", "b:c"}, Kind::totp, {}, 0, secret));
  BOOST_TEST(!make_otpauth({"", "a"}, Kind::totp, {.epoch = 1}, 0, secret));
}

BOOST_AUTO_TEST_CASE(random_records_come_back) {
  std::mt19937 random(2);
  const std::string letters = "abc XYZ019%&=?#/+@._-~'\"<>\\;,!$*()[]{}|^`";
  for (int i = 0; i < 1000; ++i) {
    std::string issuer = "i", account = "a";
    for (auto n = random() % 30; n > 0; --n) issuer += letters[random() % letters.size()];
    for (auto n = random() % 30; n > 0; --n) account += letters[random() % letters.size()];
    issuer += 'i';  // no space at the end, which readers take away
    account += 'a';
    Bytes bytes(10 + random() % 119);
    for (Byte& byte : bytes) byte = static_cast<Byte>(random());
    const Kind kind = random() % 2 == 0 ? Kind::totp : Kind::hotp;
    OathParameters oath{.algorithm = static_cast<HashAlgorithm>(random() % 3),
                        .digits = static_cast<int>(6 + random() % 3)};
    if (kind == Kind::totp) oath.period = static_cast<int>(5 + random() % 296);
    const std::int64_t counter = kind == Kind::hotp ? static_cast<std::int64_t>(random()) << 20 : 0;
    const auto uri = make_otpauth({issuer, account}, kind, oath, counter, Secret(bytes));
    BOOST_REQUIRE(uri);
    const auto record = parse_otpauth(uri->expose_text());
    BOOST_REQUIRE(record);
    BOOST_TEST(record->issuer == issuer);
    BOOST_TEST(record->label == account);
    BOOST_TEST((record->kind == kind && record->oath == oath && record->counter == counter));
    BOOST_TEST(equal_constant_time(record->secret.expose(), bytes));
  }
}

BOOST_AUTO_TEST_CASE(T44_each_bad_line_of_a_file_is_named) {
  const std::string file = "\xEF\xBB\xBF# tokens\r\n\r\n" + std::string(google_example) +
                           "\r\notpauth://totp/a?secret=1\n" + std::string(1U << 20U, 'x') +
                           "\n  " + std::string(google_example);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{100'000}}) {
    const auto got = collect<TokenRecord>(file, import_otpauth, piece);
    BOOST_REQUIRE(got.result);
    BOOST_REQUIRE(got.rows.size() == 2u);
    BOOST_TEST(got.rows[0].line == 3u);
    BOOST_TEST(got.rows[1].line == 6u);
    BOOST_REQUIRE(got.refusals.size() == 2u);
    BOOST_TEST(got.refusals[0].line == 4u);
    BOOST_TEST(got.refusals[1].line == 5u);
    BOOST_TEST(got.refusals[1].reason.contains("longer than 65536 bytes"));
    BOOST_TEST((got.tally.rows == 2u && got.tally.refused == 2u));
  }
}

BOOST_AUTO_TEST_CASE(T44_a_read_error_is_no_end_of_the_file) {
  Collected<TokenRecord> got;
  bool first = true;
  const Source source = [&](std::span<char> out) -> Result<std::size_t> {
    if (!std::exchange(first, false)) return fail(Code::unavailable, "disk");
    std::ranges::copy(google_example, out.begin());
    return google_example.size();
  };
  BOOST_TEST(!import_otpauth(source, got, got.tally));
  BOOST_TEST(got.rows.empty());
}

BOOST_AUTO_TEST_SUITE_END()
