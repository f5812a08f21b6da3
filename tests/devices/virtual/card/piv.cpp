// SPDX-License-Identifier: Apache-2.0
// The PIV application: who may do what, and which status word says no (SP 800-73-4 Part 2).
#include "devices/virtual/card/piv/applet.h"

#include <boost/test/unit_test.hpp>

#include "core/crypto/hash.h"
#include "core/crypto/public_key.h"
#include "tests/devices/virtual/card/rig.h"
#include "tests/support/daemon_process.h"

using namespace countersign;
using namespace countersign::test;

namespace {

constexpr Byte p256 = 0x11, p384 = 0x14, rsa2048 = 0x07, ed25519 = 0xe0, pin_policy = 0xaa,
               touch_policy = 0xab;

struct Piv : CardRig {
  explicit Piv(vc::Profile profile = {}) : CardRig(profile) {
    BOOST_REQUIRE(select(piv_aid) == 0x9000U);
  }
  // Signs a digest; whether the key says it is its own.
  bool signs(Byte slot, const Bytes& point) {
    const Bytes message{1, 2, 3};
    const Answered answered = sign(slot, p256, crypto::sha256(message));
    const auto items = tlv::read_inside(answered.data, 0x7c);
    if (answered.status != 0x9000 || !items) return false;
    const BytesView whole(point);
    const auto key = crypto::PublicKey::from_point(
        crypto::SignatureAlgorithm::es256, {.x = Bytes(whole.begin() + 1, whole.begin() + 33),
                                            .y = Bytes(whole.begin() + 33, whole.end())});
    return key && key->verify(message, *tlv::find(*items, 0x82));
  }
};

struct Contactless : Piv {
  Contactless() : Piv({.contactless = true}) {}
};
struct Plain : Piv {
  Plain() : Piv({.yubikey = false}) {}
};

}  // namespace

BOOST_AUTO_TEST_SUITE(piv)

BOOST_FIXTURE_TEST_CASE(a_pin_has_three_tries_and_the_puk_brings_them_back, Piv) {
  for (const unsigned status : {0x63c2U, 0x63c1U, 0x63c0U, 0x6983U})
    BOOST_TEST(verify("111111") == status);
  BOOST_TEST(verify("123456") == 0x6983U);  // the right one, too late
  BOOST_TEST(status(0x20, 0, 0x80) == 0x6983U);
  BOOST_TEST(status(0x2c, 0, 0x80, tlv::join({filled("11111111"), filled("222222")})) == 0x63c2U);
  BOOST_TEST(status(0x2c, 0, 0x80, tlv::join({filled("12345678"), filled("222222")})) == 0x9000U);
  BOOST_TEST(verify("222222") == 0x9000U);
}

BOOST_FIXTURE_TEST_CASE(the_right_pin_brings_its_tries_back, Piv) {
  BOOST_TEST(verify("111111") == 0x63c2U);
  BOOST_TEST(verify("123456") == 0x9000U);
  BOOST_TEST(status(0x20, 0xff, 0x80) == 0x9000U);
  BOOST_TEST(status(0x20, 0, 0x80) == 0x63c3U);
}

BOOST_FIXTURE_TEST_CASE(what_can_be_no_pin_costs_no_try, Piv) {
  const Bytes gap{'1', '2', '3', '4', '5', '6', 0xff, '8'};
  for (const Bytes& bad :
       {Bytes{'1', '2', '3', '4', '5', '6'}, filled("12345"), gap, Bytes(9, '1')})
    BOOST_TEST(status(0x20, 0, 0x80, bad) == 0x6a80U);
  BOOST_TEST(status(0x20, 0, 0x81, filled("123456")) == 0x6a88U);
  BOOST_TEST(status(0x20, 0, 0x80) == 0x63c3U);
}

BOOST_FIXTURE_TEST_CASE(the_standards_pin_has_digits_alone, Plain) {
  BOOST_TEST(status(0x24, 0, 0x80, tlv::join({filled("123456"), filled("abcdef")})) == 0x6a80U);
}

BOOST_FIXTURE_TEST_CASE(keys_are_made_after_the_management_key_and_sign_after_the_pin, Piv) {
  const Bytes request = tlv::item(0xac, tlv::item(0x80, {p256}));
  BOOST_TEST(status(0x47, 0, 0x9a, request) == 0x6982U);
  BOOST_REQUIRE(authenticate_management());
  const Bytes point = generate(0x9a, p256);
  BOOST_TEST(sign(0x9a, p256, Bytes(32)).status == 0x6982U);
  BOOST_TEST(verify("123456") == 0x9000U);
  BOOST_TEST(signs(0x9a, point));
  BOOST_TEST(signs(0x9a, point));
  BOOST_TEST(sign(0x9a, p384, Bytes(32)).status == 0x6a86U);
  BOOST_TEST(sign(0x9d, p256, Bytes(32)).status == 0x6a88U);
  BOOST_TEST(sign(0x9a, p256, Bytes(33)).status == 0x6a80U);
}

BOOST_FIXTURE_TEST_CASE(a_wrong_answer_to_the_challenge_is_no_authentication, Piv) {
  for (int i = 0; i < 2; ++i) {
    BOOST_TEST(send(0x87, 0x03, 0x9b, tlv::item(0x7c, tlv::item(0x81, BytesView{}))).status ==
               0x9000U);
    BOOST_TEST(send(0x87, 0x03, 0x9b, tlv::item(0x7c, tlv::item(0x82, Bytes(8, Byte{7})))).status ==
               0x6982U);
  }
  // A response without a challenge, the empty one too.
  BOOST_TEST(send(0x87, 0x03, 0x9b, tlv::item(0x7c, tlv::item(0x82, BytesView{}))).status ==
             0x6a80U);
  BOOST_TEST(
      send(0x87, 0x03, 0x9b,
           tlv::item(0x7c, tlv::join({tlv::item(0x80, Bytes(8)), tlv::item(0x81, Bytes(8))})))
          .status == 0x6a80U);
  BOOST_TEST(send(0x87, 0x0a, 0x9b, tlv::item(0x7c, tlv::item(0x81, BytesView{}))).status ==
             0x6a86U);
  BOOST_TEST(status(0xdb, 0x3f, 0xff,
                    tlv::join({tlv::item(0x5c, {0x5f, 0xc1, 0x02}), tlv::item(0x53, {1})})) ==
             0x6982U);
}

BOOST_FIXTURE_TEST_CASE(the_signature_slot_wants_the_pin_each_time, Piv) {
  BOOST_REQUIRE(authenticate_management());
  const Bytes point = generate(0x9c, p256);
  BOOST_TEST(verify("123456") == 0x9000U);
  BOOST_TEST(signs(0x9c, point));
  BOOST_TEST(sign(0x9c, p256, Bytes(32)).status == 0x6982U);
  BOOST_TEST(verify("123456") == 0x9000U);
  BOOST_TEST(signs(0x9c, point));
}

BOOST_FIXTURE_TEST_CASE(every_type_of_key_signs, Piv) {
  BOOST_REQUIRE(authenticate_management());
  BOOST_TEST(verify("123456") == 0x9000U);
  BOOST_TEST(generate(0x82, p384).size() == 97U);
  BOOST_TEST(sign(0x82, p384, Bytes(48, Byte{3})).status == 0x9000U);
  BOOST_TEST(generate(0x83, rsa2048).size() == 256U);
  Bytes block(256, 0x01);
  block[0] = 0;
  BOOST_TEST(sign(0x83, rsa2048, block).data.size() > 256U);
  BOOST_TEST(sign(0x83, rsa2048, Bytes(255)).status == 0x6a80U);
  BOOST_TEST(sign(0x83, rsa2048, Bytes(256, Byte{0xff})).status ==
             0x6a80U);  // not below the modulus
  const Bytes key = generate(0x84, ed25519);
  const Bytes message{9, 9};
  const Answered answered = sign(0x84, ed25519, message);
  const auto items = tlv::read_inside(answered.data, 0x7c);
  BOOST_REQUIRE(items.has_value());
  BOOST_TEST(crypto::PublicKey::from_edwards(crypto::SignatureAlgorithm::eddsa, key)
                 ->verify(message, *tlv::find(*items, 0x82)));
}

BOOST_FIXTURE_TEST_CASE(touch_policy_makes_a_command_wait, Piv) {
  BOOST_REQUIRE(authenticate_management());
  (void)generate(0x9e, p256, {touch_policy, 1, 3});
  const Bytes command = tlv::join(
      {Bytes{0x00, 0x87, p256, 0x9e, 0x26},
       tlv::item(0x7c,
                 tlv::join({tlv::item(0x82, BytesView{}), tlv::item(0x81, Bytes(32, Byte{1}))})),
       Bytes{0}});
  BOOST_TEST((card.receive(command, now).kind == vc::Outcome::Kind::wants_touch));
  BOOST_TEST(card.touched(false, now) == (Bytes{0x69, 0x82}));
  BOOST_TEST(card.touched(true, now).empty());  // none waits any more
  BOOST_TEST((card.receive(command, now).kind == vc::Outcome::Kind::wants_touch));
  BOOST_TEST(card.touched(true, now).size() > 60U);
  now += std::chrono::seconds(14);
  BOOST_TEST(
      (card.receive(command, now).kind == vc::Outcome::Kind::answered));  // cached for 15 seconds
  now += std::chrono::seconds(2);
  BOOST_TEST((card.receive(command, now).kind == vc::Outcome::Kind::wants_touch));
}

BOOST_FIXTURE_TEST_CASE(policies_that_do_not_exist_are_refused, Piv) {
  BOOST_REQUIRE(authenticate_management());
  for (const Bytes& policy :
       {tlv::item(pin_policy, {4}), tlv::item(touch_policy, {4}), tlv::item(pin_policy, {1, 1})})
    BOOST_TEST(status(0x47, 0, 0x9a,
                      tlv::item(0xac, tlv::join({tlv::item(0x80, {p256}), policy}))) == 0x6a80U);
}

BOOST_FIXTURE_TEST_CASE(without_contact_card_authentication_alone, Contactless) {
  BOOST_TEST(status(0x20, 0, 0x80, filled("123456")) == 0x6a81U);
  BOOST_TEST(status(0x87, 0x03, 0x9b, tlv::item(0x7c, tlv::item(0x80, BytesView{}))) == 0x6982U);
  BOOST_TEST(status(0xcb, 0x3f, 0xff, tlv::item(0x5c, {0x5f, 0xc1, 0x05})) == 0x6982U);
  BOOST_TEST(status(0xcb, 0x3f, 0xff, tlv::item(0x5c, {0x5f, 0xc1, 0x01})) == 0x6a82U);
  BOOST_TEST(status(0xcb, 0x3f, 0xff, tlv::item(0x5c, {0x7e})) == 0x9000U);
  BOOST_REQUIRE(card.change([](vc::State& state) {
    for (const Byte number : std::initializer_list<Byte>{0x9a, 0x9e})
      state.piv.slots.insert_or_assign(
          number, vc::piv::SlotKey{.key = vc::CardKey::generate(vc::KeyType::p256),
                                   .pin = vc::piv::PinPolicy::never});
  }));
  BOOST_TEST(sign(0x9e, p256, Bytes(32)).status == 0x9000U);
  BOOST_TEST(sign(0x9a, p256, Bytes(32)).status == 0x6982U);
}

BOOST_FIXTURE_TEST_CASE(the_standard_alone_has_none_of_yubikeys_instructions, Plain) {
  for (const Byte ins :
       std::initializer_list<Byte>{0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xfd, 0xfe, 0xff})
    BOOST_TEST(status(ins, 0, 0) == 0x6d00U);
  BOOST_REQUIRE(authenticate_management());
  BOOST_TEST(status(0x47, 0, 0x9a, tlv::item(0xac, tlv::item(0x80, {ed25519}))) == 0x6a80U);
}

BOOST_FIXTURE_TEST_CASE(metadata_of_pins_and_keys, Piv) {
  BOOST_TEST(verify("111111") == 0x63c2U);
  BOOST_TEST(send(0xf7, 0, 0x80).data == (Bytes{1, 1, 0xff, 5, 1, 1, 6, 2, 3, 2}));
  BOOST_TEST(status(0xf7, 0, 0x9a) == 0x6a88U);
  BOOST_REQUIRE(authenticate_management());
  const Bytes point = generate(0x9a, p256, {pin_policy, 1, 3, touch_policy, 1, 2});
  BOOST_TEST(send(0xf7, 0, 0x9a).data == tlv::join({Bytes{1, 1, p256, 2, 2, 3, 2, 3, 1, 1},
                                                    tlv::item(4, tlv::item(0x86, point))}));
}

BOOST_FIXTURE_TEST_CASE(keys_move_and_go, Piv) {
  BOOST_REQUIRE(authenticate_management());
  const Bytes point = generate(0x9a, p256, {pin_policy, 1, 1});
  BOOST_TEST(status(0xf6, 0x82, 0x9a) == 0x9000U);
  BOOST_TEST(signs(0x82, point));
  BOOST_TEST(status(0xf6, 0x82, 0x9a) == 0x6a88U);
  BOOST_TEST(status(0xf6, 0xf9, 0x82) == 0x6a86U);
  BOOST_TEST(status(0xf6, 0xff, 0x82) == 0x9000U);
  BOOST_TEST(status(0xf7, 0, 0x82) == 0x6a88U);
}

BOOST_FIXTURE_TEST_CASE(a_card_is_reset_when_it_is_locked_out_and_keeps_its_attestation, Piv) {
  BOOST_REQUIRE(authenticate_management());
  (void)generate(0x9a, p256);
  const Bytes attester = send(0xcb, 0x3f, 0xff, tlv::item(0x5c, {0x5f, 0xff, 0x01})).data;
  BOOST_TEST(status(0xfb, 0, 0) == 0x6985U);
  for (int i = 0; i < 3; ++i) {
    (void)verify("111111");
    (void)status(0x2c, 0, 0x80, tlv::join({filled("11111111"), filled("222222")}));
  }
  BOOST_TEST(status(0xfb, 0, 0) == 0x9000U);
  BOOST_TEST(status(0xf7, 0, 0x9a) == 0x6a88U);
  BOOST_TEST(verify("123456") == 0x9000U);
  BOOST_TEST(send(0xcb, 0x3f, 0xff, tlv::item(0x5c, {0x5f, 0xff, 0x01})).data == attester);
}

BOOST_AUTO_TEST_CASE(what_it_remembers_is_in_its_file) {
  const TemporaryFolder folder;
  const std::string file = folder / "card";
  Bytes point;
  std::uint32_t serial = 0;
  {
    CardRig rig({}, file);
    serial = rig.card.state().serial;
    BOOST_TEST(rig.select(piv_aid) == 0x9000U);
    BOOST_TEST(rig.verify("111111") == 0x63c2U);
    BOOST_REQUIRE(rig.authenticate_management());
    point = rig.generate(0x9a, p256);
    BOOST_TEST(rig.select(openpgp_aid) == 0x9000U);
    BOOST_TEST(rig.status(0x20, 0, 0x83, as_bytes("87654321")) == 0x6982U);
  }
  CardRig rig({}, file);
  BOOST_TEST(rig.card.state().serial == serial);
  BOOST_TEST(rig.select(piv_aid) == 0x9000U);
  BOOST_TEST(rig.status(0x20, 0, 0x80) == 0x63c2U);
  BOOST_TEST(rig.send(0xf7, 0, 0x9a).data.size() > point.size());
  BOOST_TEST(rig.card.state().openpgp.admin.left == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
