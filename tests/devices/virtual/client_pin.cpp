// SPDX-License-Identifier: Apache-2.0
// authenticatorClientPIN from the platform's side.
#include <boost/test/unit_test.hpp>

#include "tests/devices/virtual/rig.h"

using namespace countersign;
using namespace countersign::test;
using vk::PinProtocol;
using vk::Status;

namespace {

constexpr int make = 0x01, get = 0x02, manage = 0x04, config = 0x20;

int retries(Rig& rig) {
  return static_cast<int>(rig.cbor(0x06, Value::map({{2, 1}})).body().integer_at(3).value());
}

// makeCredential with what a token signs.
Status make_with(Rig& rig, const Rig::Token& token) {
  return rig
      .cbor(0x01, make_request("alice", {{8, Rig::authenticate(token, client_data_hash)},
                                         {9, static_cast<int>(token.protocol)}}))
      .status();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(client_pin)

BOOST_AUTO_TEST_CASE(set_changed_and_good_for_a_token_in_both_protocols) {
  for (const PinProtocol protocol : {PinProtocol::one, PinProtocol::two}) {
    Rig rig;
    BOOST_TEST((rig.set_pin("1234", protocol) == Status::ok));
    BOOST_TEST((rig.set_pin("1111", protocol) == Status::pin_auth_invalid));
    BOOST_TEST((rig.change_pin("1234", "99887766", protocol) == Status::ok));
    BOOST_TEST((rig.token("1234", make, "example.org", protocol).status == Status::pin_invalid));
    const Rig::Token token = rig.token("99887766", make, "example.org", protocol);
    BOOST_REQUIRE((token.status == Status::ok));
    BOOST_TEST((make_with(rig, token) == Status::ok));
    BOOST_TEST((make_with(rig, token) == Status::pin_auth_invalid));  // one touch, one ceremony
  }
}

BOOST_AUTO_TEST_CASE(length_rules) {
  Rig rig;
  BOOST_TEST((rig.set_pin("123") == Status::pin_policy_violation));
  BOOST_TEST(
      (rig.set_pin("äöü") == Status::pin_policy_violation));  // three code points in six octets
  BOOST_TEST((rig.set_pin(std::string(64, '1')) == Status::pin_policy_violation));
  BOOST_TEST((rig.set_pin(std::string(63, '1')) == Status::ok));
  BOOST_TEST((rig.change_pin(std::string(63, '1'), "äöüß") == Status::ok));
}

BOOST_AUTO_TEST_CASE(three_wrong_ones_lock_until_it_is_plugged_in_again_eight_for_good) {
  Rig rig;
  BOOST_REQUIRE((rig.set_pin("1234") == Status::ok));
  BOOST_TEST((rig.token("0000", make).status == Status::pin_invalid));
  BOOST_TEST((rig.token("1234", make).status == Status::ok));  // the right one forgives
  BOOST_TEST(retries(rig) == 8);
  for (int left = 8; left > 0;) {
    for (int i = 1; i <= 3 && left > 0; ++i) {
      const Status status = rig.token("0000", make).status;
      --left;
      BOOST_TEST((status == (left == 0 ? Status::pin_blocked
                             : i == 3  ? Status::pin_auth_blocked
                                       : Status::pin_invalid)));
      BOOST_TEST(retries(rig) == left);
    }
    BOOST_TEST((rig.token("1234", make).status ==
                (left == 0 ? Status::pin_blocked : Status::pin_auth_blocked)));
    BOOST_TEST(retries(rig) == left);  // costs none
    rig.power_cycle();
  }
  BOOST_TEST((rig.token("1234", make).status == Status::pin_blocked));
  BOOST_TEST((rig.change_pin("1234", "4321") == Status::pin_blocked));
}

BOOST_AUTO_TEST_CASE(a_token_is_good_for_what_it_was_asked_for) {
  Rig rig;
  BOOST_REQUIRE((rig.set_pin("1234") == Status::ok));
  BOOST_TEST((make_with(rig, rig.token("1234", get)) == Status::pin_auth_invalid));
  BOOST_TEST(
      (make_with(rig, rig.token("1234", make, "another.example")) == Status::pin_auth_invalid));
  BOOST_TEST((make_with(rig, rig.token("1234", make)) == Status::ok));
  BOOST_TEST((rig.token("1234", make, "").status == Status::missing_parameter));
  BOOST_TEST((rig.token("1234", config, "").status ==
              Status::unauthorized_permission));  // the profile has no authenticatorConfig
  BOOST_TEST((rig.token("1234", 0).status == Status::invalid_parameter));
  const Rig::Token forged = rig.token("1234", make);
  Bytes signature = Rig::authenticate(forged, client_data_hash);
  signature[0] ^= 1U;
  BOOST_TEST((rig.cbor(0x01, make_request("alice", {{8, signature}, {9, 2}})).status() ==
              Status::pin_auth_invalid));
}

BOOST_AUTO_TEST_CASE(a_token_for_one_relying_party_manages_no_other) {
  Rig rig;
  BOOST_REQUIRE((rig.set_pin("1234") == Status::ok));
  const Rig::Token bound = rig.token("1234", manage, "example.org");
  const Bytes metadata = Rig::authenticate(bound, Bytes{0x01});
  BOOST_TEST((rig.cbor(0x0a, Value::map({{1, 1}, {3, 2}, {4, metadata}})).status() ==
              Status::pin_auth_invalid));
  const Rig::Token free = rig.token("1234", manage, "");
  BOOST_TEST(
      (rig.cbor(0x0a, Value::map({{1, 1}, {3, 2}, {4, Rig::authenticate(free, Bytes{0x01})}}))
           .status() == Status::ok));
}

BOOST_AUTO_TEST_CASE(a_token_expires_when_it_is_not_used) {
  Rig rig;
  BOOST_REQUIRE((rig.set_pin("1234") == Status::ok));
  const Rig::Token fresh = rig.token("1234", make);
  rig.pass(29s);
  BOOST_TEST((make_with(rig, fresh) == Status::ok));
  const Rig::Token old = rig.token("1234", make);
  rig.pass(30s);
  BOOST_TEST((make_with(rig, old) == Status::pin_auth_invalid));
}

BOOST_AUTO_TEST_CASE(a_discoverable_credential_needs_the_pin_that_is_set) {
  Rig rig;
  const Value::Map rk{{7, Value::map({{"rk", true}})}};
  BOOST_TEST((rig.cbor(0x01, make_request("alice", rk)).status() == Status::ok));
  BOOST_REQUIRE((rig.set_pin("1234") == Status::ok));
  BOOST_TEST((rig.cbor(0x01, make_request("alice", rk)).status() == Status::puat_required));
  BOOST_TEST((rig.cbor(0x01, make_request("alice")).status() == Status::ok));  // makeCredUvNotRqd
}

BOOST_AUTO_TEST_CASE(the_selecting_touch_with_an_empty_pin_auth) {
  Rig rig;
  BOOST_TEST(
      (rig.cbor(0x01, make_request("x", {{8, Bytes{}}, {9, 2}})).status() == Status::pin_not_set));
  BOOST_REQUIRE((rig.set_pin("1234") == Status::ok));
  BOOST_TEST(
      (rig.cbor(0x02, assert_request({}, {{6, Bytes{}}, {7, 2}})).status() == Status::pin_invalid));
}

BOOST_AUTO_TEST_CASE(keys_that_are_no_point_on_the_curve) {
  Rig rig;
  const Value off = Value::map({{1, 2}, {3, -25}, {-1, 1}, {-2, Bytes(32, 1)}, {-3, Bytes(32, 2)}});
  BOOST_TEST((rig.cbor(0x06, Value::map({{1, 2}, {2, 3}, {3, off}, {4, Bytes(32)}, {5, Bytes(80)}}))
                  .status() == Status::invalid_parameter));
  BOOST_TEST((rig.cbor(0x06, Value::map({{1, 3}, {2, 2}})).status() == Status::invalid_parameter));
}

BOOST_AUTO_TEST_SUITE_END()
