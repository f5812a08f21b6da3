// SPDX-License-Identifier: Apache-2.0
#include "core/formats/pskc.h"

#include <boost/test/unit_test.hpp>
#include <random>

#include "core/encoding/distinguished_name.h"
#include "core/encoding/hex.h"
#include "tests/core/formats/collect.h"

using namespace countersign;
using namespace countersign::formats;
using namespace countersign::formats::testing;

namespace {

const Time now = from_unix_ms(1'780'000'000'000);  // 2026-05-28

PskcKeys no_keys() { return {}; }
PskcKeys password(std::string_view text) { return {.password = Secret(text), .key = {}}; }
PskcKeys key(std::string_view hex) { return {.password = {}, .key = std::move(*hex_decode(hex))}; }

constexpr std::string_view figure_6_key = "12345678901234567890123456789012";
constexpr std::string_view counting_key =
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

auto import(std::string_view text, const PskcKeys& keys, std::size_t piece = 4096) {
  return collect<TokenRecord>(
      text,
      [&](const Source& source, TokenSink& sink, Tally& tally) {
        return import_pskc(source, keys, now, sink, tally);
      },
      piece);
}

std::string error_of(std::string_view text, const PskcKeys& keys = {}) {
  const auto got = import(text, keys);
  return got.result ? "" : got.result.error().what;
}

std::string reason_of(std::string_view text, const PskcKeys& keys = {}) {
  const auto got = import(text, keys);
  BOOST_TEST(got.result.has_value());
  BOOST_TEST(got.rows.empty());
  return got.refusals.empty() ? "" : got.refusals[0].reason;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const auto at = text.find(what);
  BOOST_REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pskc)

BOOST_AUTO_TEST_CASE(rfc_6030_figure_2_is_read_but_its_secret_is_too_short) {
  const auto got = import(data_file("pskc/rfc6030-figure2.xml"), no_keys());
  BOOST_REQUIRE(got.result);
  BOOST_REQUIRE(got.refusals.size() == 1u);
  BOOST_TEST(got.refusals[0].line == 5u);
  BOOST_TEST(got.refusals[0].reason.contains("32 bits"));
}

BOOST_AUTO_TEST_CASE(rfc_6030_figure_3_plain) {
  const auto got = import(data_file("pskc/rfc6030-figure3.xml"), no_keys());
  BOOST_REQUIRE(got.whole());
  BOOST_REQUIRE(got.rows.size() == 1u);
  const TokenRecord& record = got.rows[0];
  BOOST_TEST(record.line == 5u);
  BOOST_TEST(record.serial == "987654321");
  BOOST_TEST(record.user == "jsmith");
  BOOST_TEST(record.label == "Manufacturer");
  BOOST_TEST(record.issuer == "Issuer");
  BOOST_TEST((record.kind == Kind::hotp && record.counter == 0 && record.oath.digits == 8));
  BOOST_TEST(record.secret.expose_text() == "12345678901234567890");
}

BOOST_AUTO_TEST_CASE(rfc_6030_figure_6_pre_shared_key) {
  const auto got = import(data_file("pskc/rfc6030-figure6.xml"), key(figure_6_key));
  BOOST_REQUIRE(got.whole());
  BOOST_TEST(got.rows.at(0).secret.expose_text() == "12345678901234567890");
}

BOOST_AUTO_TEST_CASE(rfc_6030_figure_7_password) {
  const auto got = import(data_file("pskc/rfc6030-figure7.xml"), password("qwerty"));
  BOOST_REQUIRE(got.whole());
  BOOST_TEST(got.rows.at(0).secret.expose_text() == "12345678901234567890");
}

BOOST_AUTO_TEST_CASE(every_key_size_and_key_wrap) {
  for (const auto& [file, size] : {std::pair{"aes256-hmac-sha256", 32},
                                   {"kw-aes256", 32},
                                   {"aes192-no-mac-key", 24},
                                   {"plain-totp", 0}}) {
    const auto keys =
        size == 0 ? no_keys() : key(counting_key.substr(0, static_cast<std::size_t>(2 * size)));
    const auto got = import(data_file(std::string("pskc/") + file + ".xml"), keys);
    BOOST_REQUIRE_MESSAGE(got.whole(), file);
    const TokenRecord& record = got.rows.at(0);
    BOOST_TEST(record.secret.expose_text() == "12345678901234567890123456789012");
    BOOST_TEST((record.kind == Kind::totp && record.oath.algorithm == HashAlgorithm::sha256 &&
                record.oath.period == 60 && record.drift == -2));
    BOOST_TEST(record.user == "Doe, Jane");
    BOOST_TEST(record.label == "Acme T-1");
  }
}

BOOST_AUTO_TEST_CASE(T44_wrong_or_missing_keys_are_said) {
  const std::string figure6 = data_file("pskc/rfc6030-figure6.xml"),
                    figure7 = data_file("pskc/rfc6030-figure7.xml");
  BOOST_TEST(error_of(figure6).contains("pre-shared key; give it"));
  BOOST_TEST(error_of(figure7).contains("password; give it"));
  BOOST_TEST(error_of(data_file("pskc/plain-totp.xml"), password("x")).contains("not protected"));
  for (const auto& got : {import(figure7, password("qwertz")),
                          import(figure6, key("12345678901234567890123456789013"))})
    BOOST_TEST(got.rows.empty());
  BOOST_TEST(error_of(figure6, key(counting_key)).contains("128 bits of AES, but the key has 256"));
}

BOOST_AUTO_TEST_CASE(T44_every_flipped_bit_of_a_protected_secret_is_refused) {
  const std::string file = data_file("pskc/rfc6030-figure6.xml");
  const PskcKeys keys = key(figure_6_key);
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (const std::string_view value :
       {"AAECAwQFBgcICQoLDA0OD+cIHItlB3Wra1DUpxVvOx2lef1VmNPCMl8jwZqIUqGv",
        "Su+NvtQfmvfJzF6bmQiJqoLRExc"}) {
    const auto at = file.find(value);
    BOOST_REQUIRE(at != std::string::npos);
    for (std::size_t i = 0; i < value.size(); ++i)
      for (std::size_t bit = 0; bit < 6; ++bit) {
        std::string changed = file;
        changed[at + i] = letters[letters.find(value[i]) ^ (1U << bit)];
        const auto got = import(changed, keys);
        BOOST_REQUIRE(got.rows.empty());
        BOOST_REQUIRE(!got.whole());
      }
  }
}

BOOST_AUTO_TEST_CASE(T44_a_protected_file_takes_no_unprotected_secret) {
  const std::string file = data_file("pskc/rfc6030-figure6.xml");
  const PskcKeys keys = key(figure_6_key);
  std::string without_mac = file;
  const auto begin = without_mac.find("<ValueMAC>"), end = without_mac.find("</ValueMAC>");
  without_mac.erase(begin, end + 11 - begin);
  BOOST_TEST(reason_of(without_mac, keys).contains("no ValueMAC"));
  std::string plain = file;
  const auto from = plain.find("<EncryptedValue>"), to = plain.find("</EncryptedValue>");
  plain.replace(from, to + 17 - from, "<PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue>");
  BOOST_TEST(reason_of(plain, keys).contains("plain, though the file is protected"));
  BOOST_TEST(
      reason_of(replaced(file, "<EncryptedValue>",
                         "<PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue><EncryptedValue>"),
                keys)
          .contains("two secrets"));
  BOOST_TEST(
      reason_of(data_file("pskc/aes256-no-mac.xml"), key(counting_key)).contains("without a MAC"));
}

BOOST_AUTO_TEST_CASE(T44_truncated_anywhere_it_never_is_a_whole_import) {
  for (const auto& [name, keys] : {std::pair{"pskc/rfc6030-figure6.xml", key(figure_6_key)},
                                   {"pskc/plain-totp.xml", no_keys()}}) {
    std::string file = data_file(name);
    file.resize(file.rfind('>') + 1);
    BOOST_TEST(import(file, keys, 1).whole());
    for (std::size_t size = 0; size < file.size(); ++size)
      BOOST_REQUIRE(!import(std::string_view(file).substr(0, size), keys).result);
  }
}

BOOST_AUTO_TEST_CASE(document_types_entities_and_files_elsewhere_are_refused) {
  const std::string file = data_file("pskc/plain-totp.xml");
  const auto with = [&](std::string_view doctype, std::string_view serial) {
    return replaced(replaced(file, "<KeyContainer", std::string(doctype) + "<KeyContainer"),
                    "2600124809778", serial);
  };
  BOOST_TEST(error_of(with("<!DOCTYPE KeyContainer>", "1")).contains("DOCTYPE"));
  BOOST_TEST(error_of(with("<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>", "&b;"))
                 .contains("DOCTYPE"));
  BOOST_TEST(
      error_of(with("<!DOCTYPE a SYSTEM \"http://127.0.0.1/x.dtd\">", "&b;")).contains("DOCTYPE"));
  BOOST_TEST(error_of(with("<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b "
                           "\"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c "
                           "\"&b;&b;&b;&b;&b;&b;\">]>",
                           "&c;"))
                 .contains("DOCTYPE"));
  BOOST_TEST(error_of(with("", "&b;")).contains("not well-formed"));
  const auto got = import(with("", "&#65;&amp;<![CDATA[<B>]]>"), no_keys());
  BOOST_REQUIRE(got.whole());
  BOOST_TEST(got.rows.at(0).serial == "A&<B>");
}

BOOST_AUTO_TEST_CASE(sizes_are_bounded) {
  const std::string file = data_file("pskc/plain-totp.xml"), huge(1U << 20U, 'A');
  BOOST_TEST(error_of(replaced(file, "2600124809778", huge)).contains("longer than 65536"));
  BOOST_TEST(
      error_of(replaced(file, "Id=\"k1\"", "Id=\"" + huge + "\"")).contains("without an element"));
  BOOST_TEST(error_of(replaced(file, "Id=\"k1\"", "Id=\"" + huge.substr(0, 5000) + "\""))
                 .contains("attribute"));
  BOOST_TEST(error_of(replaced(file, "<Data>", "<!--" + huge + "--><Data>"))
                 .contains("without an element"));
  BOOST_TEST(error_of(replaced(file, "<Data>", "<" + huge + "/><Data>")) != "");
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  BOOST_TEST(error_of(replaced(file, "<Data>", deep)).contains("nested"));
  std::string many;
  for (int i = 0; i < 100; ++i) many += " a" + std::to_string(i) + "=\"\"";
  BOOST_TEST(error_of(replaced(file, "<Data>", "<a" + many + "/><Data>")).contains("attributes"));
  const std::string figure7 = data_file("pskc/rfc6030-figure7.xml");
  BOOST_TEST(error_of(replaced(figure7, ">1000<", ">10000001<"), password("qwerty"))
                 .contains("iteration count of 1 to 10000000"));
  BOOST_TEST(
      error_of(replaced(figure7, ">1000<", ">0<"), password("qwerty")).contains("IterationCount"));
  BOOST_TEST(error_of(replaced(figure7, "Ej7/PEpyEpw=", huge.substr(0, 4000)), password("qwerty"))
                 .contains("salt"));
  BOOST_TEST(
      error_of(replaced(figure7, ">16<", ">17<"), password("qwerty")).contains("key length"));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_taken_is_named) {
  const std::string file = data_file("pskc/plain-totp.xml");
  BOOST_TEST(error_of("<a/>").contains("no PSKC file"));
  BOOST_TEST(error_of("").contains("not well-formed"));
  BOOST_TEST(error_of("\x7f"
                      "ELF")
                 .contains("not well-formed"));
  BOOST_TEST(
      error_of(replaced(file, "Version=\"1.0\"", "Version=\"2.0\"")).contains("version '2.0'"));
  BOOST_TEST(
      reason_of(replaced(file, "pskc:totp", "pskc:pin")).contains("pskc:pin' is not supported"));
  BOOST_TEST(reason_of(replaced(file, "Length=\"6\"", "Length=\"5\"")).contains("Length"));
  BOOST_TEST(reason_of(replaced(file, "DECIMAL", "HEXADECIMAL")).contains("HEXADECIMAL"));
  BOOST_TEST(reason_of(replaced(file, "HMAC-SHA256", "HMAC-MD5")).contains("MD5"));
  BOOST_TEST(reason_of(replaced(file, ">60<", ">soon<")).contains("TimeInterval"));
  BOOST_TEST(reason_of(replaced(file, ">OTP<", ">Sign<")).contains("forbids one-time passwords"));
  BOOST_TEST(
      reason_of(replaced(file, "2037-12-31", "2025-12-31")).contains("expired on 2025-12-31"));
  BOOST_TEST(reason_of(replaced(file, "2012-08-01", "2036-08-01"))
                 .contains("not be used before 2036-08-01"));
  BOOST_TEST(reason_of(replaced(file, "<KeyUsage>OTP</KeyUsage>",
                                "<NumberOfTransactions>4</NumberOfTransactions>"))
                 .contains("NumberOfTransactions"));
  BOOST_TEST(
      reason_of(replaced(file, "<KeyUsage>", "<PINPolicy PINUsageMode=\"Prepend\"/><KeyUsage>"))
          .contains("PIN"));
  BOOST_TEST(reason_of(replaced(file, "MTIz", "MT*z")).contains("base64"));
  BOOST_TEST(reason_of(replaced(file, "2600124809778", "26&#x202e;")).contains("U+202E"));
  BOOST_TEST(error_of(replaced(data_file("pskc/rfc6030-figure6.xml"), "xmldsig#hmac-sha1",
                               "xmldsig#hmac-md5"),
                      key(figure_6_key))
                 .contains("hmac-md5"));
  BOOST_TEST(error_of(replaced(data_file("pskc/rfc6030-figure6.xml"),
                               "<ds:KeyName>Pre-shared-key</ds:KeyName>", "<ds:X509Data/>"),
                      key(figure_6_key))
                 .contains("X509Data"));
}

BOOST_AUTO_TEST_CASE(T44_a_bad_key_among_good_ones_is_named_with_its_line) {
  std::string file = data_file("pskc/plain-totp.xml");
  const auto begin = file.find("  <KeyPackage>"), end = file.find("</KeyContainer>");
  const std::string package = file.substr(begin, end - begin);
  const std::string head = file.substr(0, begin);
  std::string many = head + package + replaced(package, "MTIz", "????");
  for (int i = 0; i < 5000; ++i)
    many += package;  // beyond the 65,535 lines that libxml2 counts by itself
  many += replaced(package, "pskc:totp", "pskc:other") + "</KeyContainer>\n";
  const auto got = import(many, no_keys());
  BOOST_REQUIRE(got.result);
  BOOST_TEST(got.rows.size() == 5001u);
  BOOST_REQUIRE(got.refusals.size() == 2u);
  const auto lines = static_cast<std::size_t>(std::ranges::count(package, '\n'));
  BOOST_TEST(got.refusals[0].line == 4 + lines);
  BOOST_TEST(got.refusals[1].line == 4 + 5002 * lines);
}

BOOST_AUTO_TEST_CASE(random_changes_do_no_harm) {
  std::mt19937 random(5);
  const std::string file = data_file("pskc/rfc6030-figure6.xml");
  const PskcKeys keys = key(figure_6_key);
  for (int i = 0; i < 3000; ++i) {
    std::string changed = file;
    for (int j = 0; j < 3; ++j) changed[random() % changed.size()] = static_cast<char>(random());
    for (const TokenRecord& record : import(changed, keys, 1 + random() % 500).rows)
      BOOST_TEST(record.secret.expose_text() == "12345678901234567890");
  }
}

BOOST_AUTO_TEST_CASE(users_of_distinguished_names) {
  BOOST_TEST(user_of_distinguished_name("UID=jsmith,DC=example-bank,DC=net") == "jsmith");
  BOOST_TEST(user_of_distinguished_name("CN=Doe\\, J\\C3\\A9,uid = jd+x=y") == "jd");
  BOOST_TEST(user_of_distinguished_name("CN=Doe\\, J\\C3\\A9,O=x") == "Doe, J\u00e9");
  BOOST_TEST(user_of_distinguished_name(" jsmith ") == "jsmith");
  BOOST_TEST(user_of_distinguished_name("DC=example-bank,DC=net") == "");
  BOOST_TEST(user_of_distinguished_name("=\\") == "");
}

BOOST_AUTO_TEST_SUITE_END()
