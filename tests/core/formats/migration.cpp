// SPDX-License-Identifier: Apache-2.0
#include "core/formats/migration.h"

#include <boost/test/unit_test.hpp>
#include <random>

#include "core/encoding/base32.h"
#include "core/encoding/percent.h"
#include "tests/core/formats/collect.h"

using namespace countersign;
using namespace countersign::formats;
using namespace countersign::formats::testing;

namespace {

// From an export of Google Authenticator that other projects test with too.
constexpr std::string_view discord =
    "otpauth-migration://offline?data=CjYKEExyJfPiZeroMa/"
    "MdF%2BnkTISE2pvaG5kb2VAZXhhbXBsZS5jb20aB0Rpc2NvcmQgASgBMAIQARgBIAA%3D";

std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7U) out += static_cast<char>(value | 0x80U);
  return out + static_cast<char>(value);
}
std::string number(int field, std::uint64_t value) {
  return varint(static_cast<std::uint64_t>(field) << 3U) + varint(value);
}
std::string bytes(int field, const std::string& value) {
  return varint(static_cast<std::uint64_t>(field) << 3U | 2U) + varint(value.size()) + value;
}

std::string base64(std::string_view text) {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j)
      bits = bits << 8U | (i + j < text.size() ? static_cast<unsigned char>(text[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j)
      out += i + j <= text.size() ? letters[bits >> (18 - 6 * j) & 63U] : '=';
  }
  return out;
}

std::string uri_of(const std::string& payload) {
  std::string uri = "otpauth-migration://offline?data=";
  append_percent_encoded(uri, base64(payload));
  return uri;
}

std::string account(std::uint64_t algorithm = 1, std::uint64_t digits = 1, std::uint64_t type = 2,
                    const std::string& name = "ACME:alice") {
  return bytes(1, bytes(1, "1234567890") + bytes(2, name) + bytes(3, "") + number(4, algorithm) +
                      number(5, digits) + number(6, type) + number(7, 5));
}

std::string batch(std::uint64_t index, std::uint64_t size, std::uint64_t id) {
  return uri_of(account() + number(2, 1) + number(3, size) + number(4, index) + number(5, id));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(migration)

BOOST_AUTO_TEST_CASE(a_real_export) {
  const auto got = collect<TokenRecord>(discord, import_migration);
  BOOST_REQUIRE(got.whole());
  BOOST_REQUIRE(got.rows.size() == 1u);
  const TokenRecord& record = got.rows[0];
  BOOST_TEST(record.label == "johndoe@example.com");
  BOOST_TEST(record.issuer == "Discord");
  BOOST_TEST((record.kind == Kind::totp && record.oath == OathParameters{}));
  BOOST_TEST(base32_encode(record.secret.expose()).expose_text() == "JRZCL47CMXVOQMNPZR2F7J4RGI");
}

BOOST_AUTO_TEST_CASE(enumerations_become_parameters) {
  const auto got =
      collect<TokenRecord>(uri_of(account(3, 2, 1) + account(2) + account(0, 0)), import_migration);
  BOOST_REQUIRE(got.whole());
  BOOST_REQUIRE(got.rows.size() == 3u);
  BOOST_TEST((got.rows[0].kind == Kind::hotp && got.rows[0].counter == 5 &&
              got.rows[0].oath.digits == 8 && got.rows[0].oath.algorithm == HashAlgorithm::sha512));
  BOOST_TEST((got.rows[1].oath.algorithm == HashAlgorithm::sha256 && got.rows[1].counter == 0));
  BOOST_TEST(got.rows[2].issuer == "ACME");
  BOOST_TEST(got.rows[2].label == "alice");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_taken_is_named) {
  const auto reason = [](const std::string& file) {
    const auto got = collect<TokenRecord>(file, import_migration);
    BOOST_TEST(got.result.has_value());
    return got.refusals.empty() ? "" : got.refusals[0].reason;
  };
  BOOST_TEST(reason(uri_of(account(4))).contains("MD5"));
  BOOST_TEST(reason(uri_of(account(5))).contains("algorithm number 5"));
  BOOST_TEST(reason(uri_of(account(1, 3))).contains("digits number 3"));
  BOOST_TEST(reason(uri_of(account(1, 1, 0))).contains("totp or hotp"));
  BOOST_TEST(reason(uri_of(account(1, 1, 2, "a\nb"))).contains("U+000A"));
  BOOST_TEST(reason("otpauth://totp/a?secret=A").contains("otpauth"));
  BOOST_TEST(reason("otpauth-migration://offline?x=1").contains("no data"));
  BOOST_TEST(reason("otpauth-migration://offline?data=!").contains("base64"));
  BOOST_TEST(reason(std::string(1U << 20U, 'o')).contains("longer"));
}

BOOST_AUTO_TEST_CASE(T44_a_missing_batch_is_refused) {
  const std::string first = batch(0, 3, 77) + "\n", second = batch(1, 3, 77) + "\n",
                    third = batch(2, 3, 77) + "\n";
  BOOST_TEST(collect<TokenRecord>(third + first + second, import_migration).whole());
  const auto got = collect<TokenRecord>("# two of three\n" + third + first, import_migration);
  BOOST_REQUIRE(got.refusals.size() == 1u);
  BOOST_TEST(got.refusals[0].reason.contains("batch 2 of 3"));
  BOOST_TEST(got.refusals[0].line == 2u);
  BOOST_TEST(!collect<TokenRecord>(first + first + second + third, import_migration).whole());
}

BOOST_AUTO_TEST_CASE(T44_truncated_anywhere_it_never_is_a_whole_import) {
  const std::string payload = account() + account(2, 2, 1, "b") + number(2, 1) + number(3, 1) +
                              number(4, 0) + number(5, 300);
  for (std::size_t size = 0; size < account().size() + account(2, 2, 1, "b").size(); ++size) {
    const auto got = collect<TokenRecord>(uri_of(payload.substr(0, size)), import_migration);
    BOOST_TEST((!got.whole() || got.rows.size() < 2), "cut to " << size);
  }
}

BOOST_AUTO_TEST_CASE(random_octets_do_no_harm) {
  std::mt19937 random(3);
  for (int i = 0; i < 5000; ++i) {
    std::string payload = account() + account();
    for (int flips = 0; flips < 3; ++flips)
      payload[random() % payload.size()] = static_cast<char>(random());
    (void)collect<TokenRecord>(uri_of(payload), import_migration);
  }
}

BOOST_AUTO_TEST_SUITE_END()
