// SPDX-License-Identifier: Apache-2.0
// Client data as built, credential records, authenticator data, and what the wire holds in odd
// forms.
#include <boost/test/unit_test.hpp>

#include "core/crypto/cose.h"
#include "core/encoding/base64url.h"
#include "core/encoding/der.h"
#include "core/webauthn/client.h"
#include "core/webauthn/client_data.h"
#include "core/webauthn/credential.h"
#include "tests/core/webauthn/soft_authenticator.h"

using namespace countersign;
using namespace countersign::test;
using namespace countersign::webauthn;
namespace cbor = formats::cbor;

BOOST_AUTO_TEST_SUITE(webauthn_parts)

// WebAuthn L3 §5.8.1.1.
BOOST_AUTO_TEST_CASE(client_data_is_built_byte_for_byte) {
  BOOST_TEST(
      build_client_data({.type = "webauthn.get",
                         .challenge = Bytes{0xFB, 0xFF, 0x00},
                         .origin = "https://example.org"}) ==
      R"({"type":"webauthn.get","challenge":"-_8A","origin":"https://example.org","crossOrigin":false})");
  BOOST_TEST(build_client_data({.type = "t",
                                .challenge = {},
                                .origin = "a\"b\\c\n\x7f\u00fc",
                                .cross_origin = true,
                                .top_origin = "https://top"}) ==
             "{\"type\":\"t\",\"challenge\":\"\",\"origin\":\"a\\\"b\\\\c\\u000a\x7f\u00fc\","
             "\"crossOrigin\":true,\"topOrigin\":\"https://top\"}");
  const std::string odd = build_client_data(
      {.type = "webauthn.get", .challenge = Bytes{1}, .origin = "https://\"\\\x01"});
  BOOST_TEST(parse_client_data(as_bytes(odd)).value().origin == "https://\"\\\x01");
}

BOOST_AUTO_TEST_CASE(client_data_may_grow) {
  BOOST_TEST(parse_client_data(as_bytes("\xEF\xBB\xBF{\"type\":\"t\",\"new\":{\"a\":[1]},"
                                        "\"challenge\":\"c\",\"origin\":\"o\"}"))
                 .has_value());
  for (const char* bad : {"", "1", "{}", R"({"type":1,"challenge":"c","origin":"o"})",
                          R"({"type":"t","challenge":"c","origin":"o","topOrigin":1})",
                          R"({"type":"t","challenge":"c","origin":"o"} )"
                          "x",
                          R"({"type":"t","challenge":"c","origin":"o","origin":"p"})",
                          R"({"type":"t","challenge":"c","origin":"o","new":[{"a":1,"\u0061":1}]})",
                          "{\"type\":\"\xff\",\"challenge\":\"c\",\"origin\":\"o\"}"})
    BOOST_TEST(!parse_client_data(as_bytes(bad)).has_value(), bad);
}

BOOST_AUTO_TEST_CASE(base64url_has_one_text_for_one_value) {
  for (std::size_t size = 0; size < 40; ++size) {
    const Bytes octets(size, static_cast<Byte>(0xF1 + size));
    BOOST_TEST(formats::base64url_decode(formats::base64url(octets)).value() == octets,
               boost::test_tools::per_element());
  }
  for (const char* bad : {"A", "AB=", "AB==", "A+", "A/", "A B", "AR", "AAF"})
    BOOST_TEST(!formats::base64url_decode(bad).has_value(), bad);
}

BOOST_AUTO_TEST_CASE(credentials_are_stored_and_read) {
  const Credential credential{.id = {1},
                              .public_key = {0xA0},
                              .aaguid = {9},
                              .counter = 4'294'967'295,
                              .user_verified = true,
                              .backup_eligible = true,
                              .backed_up = false,
                              .transports = {"usb", "nfc"},
                              .attestation_format = "packed",
                              .trust = Trust::trusted,
                              .attestation_certificates = {{1, 2}, {3}}};
  const Bytes stored = encode(credential);
  BOOST_TEST((decode_credential(stored).value() == credential));
  for (std::size_t size = 0; size < stored.size(); ++size)
    BOOST_TEST(!decode_credential(BytesView(stored).first(size)).has_value());
  cbor::Value::Map later = *cbor::parse(stored)->map();
  for (cbor::Entry& entry : later)
    if (entry.key.integer() == 0) entry.value = 2;
  BOOST_TEST(!decode_credential(cbor::encode(cbor::Value::map(later))).has_value());
}

BOOST_AUTO_TEST_CASE(T29_authenticator_data_cut_anywhere_is_refused) {
  const SigningKey key;
  const Bytes credential = joined({Aaguid{}, Bytes{0, 2, 7, 7}, crypto::to_cose(key.public_key())});
  const Bytes whole =
      Said{.flags = 0x41, .extensions = cbor::Value::map({{"credProtect", 2}})}.authenticator_data(
          credential);
  BOOST_TEST(parse_authenticator_data(whole).has_value());
  for (std::size_t size = 0; size < whole.size(); ++size)
    BOOST_TEST(!parse_authenticator_data(BytesView(whole).first(size)).has_value(), size);
}

BOOST_AUTO_TEST_CASE(cose_keys_come_and_go_for_each_algorithm) {
  for (const auto& [algorithm, name] : enum_names<crypto::SignatureAlgorithm>) {
    const SigningKey key(algorithm);
    const Bytes cose = crypto::to_cose(key.public_key());
    const auto read = crypto::public_key_from_cose(cose);
    BOOST_TEST_REQUIRE(read.has_value(), name);
    BOOST_TEST(read->same_key(key.public_key()), name);
    BOOST_TEST(read->verify(as_bytes("message"), key.sign(as_bytes("message"))), name);
    BOOST_TEST(!read->verify(as_bytes("massage"), key.sign(as_bytes("message"))), name);
  }
}

BOOST_AUTO_TEST_CASE(T29_cose_keys_that_are_none_are_refused) {
  const Bytes good = crypto::to_cose(SigningKey().public_key());
  const cbor::Value::Map map = *cbor::parse(good)->map();
  const auto with = [&](std::int64_t label, const cbor::Value& value) {
    cbor::Value::Map changed = map;
    for (cbor::Entry& entry : changed)
      if (entry.key.integer() == label) entry.value = value;
    return crypto::public_key_from_cose(cbor::encode(cbor::Value::map(changed))).has_value();
  };
  BOOST_TEST(with(3, -7));
  BOOST_TEST(!with(1, 1));  // of another type
  BOOST_TEST(!with(1, "EC2"));
  BOOST_TEST(!with(3, -35));            // for another curve
  BOOST_TEST(!with(-1, 8));             // secp256k1
  BOOST_TEST(!with(-2, Bytes(32, 0)));  // not on the curve
  BOOST_TEST(!with(-2, Bytes(31, 1)));
  BOOST_TEST(!with(-3, true));  // compressed
  cbor::Value::Map more = map;
  more.push_back({-4, Bytes(32, 1)});  // a private part
  BOOST_TEST(!crypto::public_key_from_cose(cbor::encode(cbor::Value::map(more))).has_value());
  const auto rsa = [](const Bytes& n, const Bytes& e) {
    return crypto::public_key_from_cose(
               cbor::encode(cbor::Value::map({{1, 3}, {3, -257}, {-1, n}, {-2, e}})))
        .has_value();
  };
  const auto numbers = SigningKey(crypto::SignatureAlgorithm::rs256).public_key().rsa().value();
  BOOST_TEST(rsa(numbers.n, numbers.e));
  BOOST_TEST(!rsa(numbers.n, {1}));
  BOOST_TEST(!rsa(numbers.n, {1, 0}));
  BOOST_TEST(!rsa(numbers.n, {1, 0, 0, 0, 1}));
  BOOST_TEST(!rsa(Bytes(128, 0xFF), numbers.e));  // 1024 bits
  BOOST_TEST(!rsa(Bytes(1024, 0xFF), numbers.e));
  BOOST_TEST(!rsa({}, numbers.e));
}

BOOST_AUTO_TEST_CASE(T29_der_is_read_within_bounds) {
  const auto refused = [](const Bytes& input) { return !formats::der::read(input).has_value(); };
  BOOST_TEST(refused({0x30}));
  BOOST_TEST(refused({0x30, 0x01}));
  BOOST_TEST(refused({0x30, 0x80, 0x00, 0x00}));  // indefinite
  BOOST_TEST(refused({0x30, 0x85, 0, 0, 0, 0, 0}));
  BOOST_TEST(refused({0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF}));
  BOOST_TEST(refused({0xBF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0x00}));  // a tag without end
  BOOST_TEST(refused(Bytes(514, 0x00)));                            // 257 items
  const auto high = formats::der::read(der_tagged(702, der(0x02, {Bytes{0}}))).value();
  BOOST_TEST(high.front().is_context(702));
}

BOOST_AUTO_TEST_CASE(certificates_are_read_from_files) {
  const Authority authority;
  const Bytes& der_form = authority.certificate().der();
  BOOST_TEST((crypto::Certificate::parse_file(der_form).value() ==
              crypto::Certificates{authority.certificate()}));
  for (const char* bad :
       {"", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n"})
    BOOST_TEST(!crypto::Certificate::parse_file(as_bytes(bad)).has_value(), bad);
  Bytes longer = der_form;
  longer.push_back(0);
  BOOST_TEST(!crypto::Certificate::parse(longer).has_value());
}

BOOST_AUTO_TEST_CASE(paths_lead_over_intermediates_to_anchors) {
  const Authority root("Root"), other("Other");
  const SigningKey key;
  const auto leaf = root.issue(key, packed_certificate());
  const crypto::PathRules rules{.at = from_unix_ms(ceremony_seconds * 1000)};
  BOOST_TEST(crypto::verify_path(leaf, {}, {root.certificate()}, rules).value().size() == 2U);
  BOOST_TEST(crypto::verify_path(leaf, {}, {leaf}, rules).value().size() ==
             1U);  // the certificate itself is the anchor
  BOOST_TEST(
      !crypto::verify_path(leaf, {root.certificate()}, {other.certificate()}, rules).has_value());
  BOOST_TEST(!crypto::verify_path(leaf, {root.certificate()}, {}, rules).has_value());
  BOOST_TEST(
      !crypto::verify_path(leaf, {}, {root.certificate()}, {.at = from_unix_ms(4'100'000'000'000)})
           .has_value());
}

BOOST_AUTO_TEST_SUITE_END()
