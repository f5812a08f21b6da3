// SPDX-License-Identifier: Apache-2.0
// The OpenPGP application: PINs, life cycle, and the authentication key (OpenPGP card 3.4).
#include "devices/virtual/card/openpgp/applet.h"

#include <boost/test/unit_test.hpp>

#include "core/crypto/hash.h"
#include "core/crypto/public_key.h"
#include "devices/virtual/card/openpgp/attributes.h"
#include "tests/devices/virtual/card/rig.h"

using namespace countersign;
using namespace countersign::test;
using vc::openpgp::Role;

namespace {

const Bytes authentication{0xa4, 0x00};

struct OpenPgp : CardRig {
  OpenPgp() { BOOST_REQUIRE(select(openpgp_aid) == 0x9000U); }
  unsigned verify_pin(Byte reference, std::string_view pin) {
    return send(0x20, 0, reference, pin).status;
  }
  // A key of this type for authentication; its public key.
  Bytes make(vc::KeyType type) {
    BOOST_REQUIRE(verify_pin(0x83, "12345678") == 0x9000U);
    BOOST_REQUIRE(status(0xda, 0, 0xc3, vc::openpgp::attributes(Role::authentication, type)) ==
                  0x9000U);
    const Answered made = send(0x47, 0x80, 0, authentication);
    BOOST_REQUIRE(made.status == 0x9000U);
    BOOST_TEST(send(0x47, 0x81, 0, authentication).data == made.data);
    const auto items = tlv::read_inside(made.data, 0x7f49);
    const BytesView key = tlv::find(*items, vc::is_rsa(type) ? 0x81 : 0x86).value();
    return {key.begin(), key.end()};
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(openpgp)

BOOST_FIXTURE_TEST_CASE(pins_have_three_tries, OpenPgp) {
  for (const unsigned left : {2U, 1U, 0U}) {
    BOOST_TEST(verify_pin(0x82, "654321") == 0x6982U);
    const Bytes status_of_pins = send(0xca, 0, 0xc4).data;
    BOOST_TEST(status_of_pins[4] == left);
  }
  BOOST_TEST(verify_pin(0x82, "123456") == 0x6983U);
  BOOST_TEST(verify_pin(0x81, "123456") == 0x6983U);  // one PIN, two uses
  BOOST_TEST(verify_pin(0x83, "12345678") == 0x9000U);
  BOOST_TEST(send(0x2c, 2, 0x81, "222222").status == 0x9000U);
  BOOST_TEST(verify_pin(0x82, "222222") == 0x9000U);
}

BOOST_FIXTURE_TEST_CASE(the_pin_for_signing_is_not_the_one_for_others, OpenPgp) {
  (void)make(vc::KeyType::p256);
  BOOST_TEST(verify_pin(0x81, "123456") == 0x9000U);
  BOOST_TEST(status(0x88, 0, 0, Bytes(32)) == 0x6982U);
  BOOST_TEST(verify_pin(0x82, "123456") == 0x9000U);
  BOOST_TEST(status(0x88, 0, 0, Bytes(32)) == 0x9000U);
}

BOOST_FIXTURE_TEST_CASE(internal_authenticate_signs_with_p256_as_r_and_s, OpenPgp) {
  const Bytes point = make(vc::KeyType::p256);
  BOOST_TEST(verify_pin(0x82, "123456") == 0x9000U);
  const Bytes message{1, 2, 3};
  const Answered signature = send(0x88, 0, 0, crypto::sha256(message));
  BOOST_TEST(signature.data.size() == 64U);
  const auto key = crypto::PublicKey::from_point(crypto::SignatureAlgorithm::es256,
                                                 {.x = Bytes(point.begin() + 1, point.begin() + 33),
                                                  .y = Bytes(point.begin() + 33, point.end())});
  BOOST_REQUIRE(key.has_value());
  BOOST_TEST(key->verify(message, crypto::ecdsa_to_der(signature.data)));
}

BOOST_FIXTURE_TEST_CASE(internal_authenticate_signs_with_ed25519, OpenPgp) {
  const Bytes point = make(vc::KeyType::ed25519);
  BOOST_TEST(verify_pin(0x82, "123456") == 0x9000U);
  const Bytes message{1, 2, 3};
  BOOST_TEST(crypto::PublicKey::from_edwards(crypto::SignatureAlgorithm::eddsa, point)
                 ->verify(message, send(0x88, 0, 0, message).data));
}

BOOST_FIXTURE_TEST_CASE(rsa_takes_a_digest_info_of_bounded_size, OpenPgp) {
  (void)make(vc::KeyType::rsa2048);
  BOOST_TEST(verify_pin(0x82, "123456") == 0x9000U);
  BOOST_TEST(send(0x88, 0, 0, Bytes(51)).data.size() == 256U);
  BOOST_TEST(status(0x88, 0, 0, Bytes(103)) == 0x6a80U);
}

BOOST_FIXTURE_TEST_CASE(attributes_of_another_type_take_the_key_away, OpenPgp) {
  (void)make(vc::KeyType::p256);
  BOOST_TEST(status(0xda, 0, 0xc3,
                    vc::openpgp::attributes(Role::authentication, vc::KeyType::p256)) == 0x9000U);
  BOOST_TEST(status(0x47, 0x81, 0, authentication) == 0x9000U);
  BOOST_TEST(status(0xda, 0, 0xc3,
                    vc::openpgp::attributes(Role::authentication, vc::KeyType::p384)) == 0x9000U);
  BOOST_TEST(status(0x47, 0x81, 0, authentication) == 0x6a88U);
  BOOST_TEST(status(0xda, 0, 0xc3, Bytes{0x13, 0x2b}) == 0x6a80U);
}

BOOST_FIXTURE_TEST_CASE(writing_needs_the_admin_pin, OpenPgp) {
  BOOST_TEST(status(0xda, 0, 0x5b, as_bytes("Lovelace<<Ada")) == 0x6982U);
  BOOST_TEST(status(0x47, 0x80, 0, authentication) == 0x6982U);
  BOOST_TEST(verify_pin(0x83, "12345678") == 0x9000U);
  BOOST_TEST(status(0xda, 0, 0x5b, as_bytes("Lovelace<<Ada")) == 0x9000U);
  BOOST_TEST(as_text(send(0xca, 0, 0x65).data).find("Lovelace<<Ada") != std::string_view::npos);
  BOOST_TEST(status(0xda, 0, 0x99, Bytes{1}) == 0x6a88U);
}

BOOST_FIXTURE_TEST_CASE(a_terminated_card_says_so_until_it_is_activated, OpenPgp) {
  BOOST_TEST(status(0xe6, 0, 0) == 0x6982U);
  for (int i = 0; i < 3; ++i) BOOST_TEST(verify_pin(0x83, "87654321") == 0x6982U);
  BOOST_TEST(status(0xe6, 0, 0) == 0x9000U);
  BOOST_TEST(status(0xca, 0, 0x6e) == 0x6285U);
  BOOST_TEST(select(openpgp_aid) == 0x6285U);
  BOOST_TEST(status(0x44, 0, 0) == 0x9000U);
  BOOST_TEST(verify_pin(0x83, "12345678") == 0x9000U);
}

BOOST_AUTO_TEST_SUITE_END()
