// SPDX-License-Identifier: Apache-2.0
// makeCredential, getAssertion and what is around them. That signatures and certificates are right,
// programs of others hold (tests/e2e/virtual_key_*).
#include <boost/test/unit_test.hpp>

#include "core/crypto/hash.h"
#include "tests/devices/virtual/rig.h"

using namespace countersign;
using namespace countersign::test;
using vk::Status;

namespace {

constexpr Byte up = 0x01, uv = 0x04, attested = 0x40, extended = 0x80;

Value::Map option(const char* name, bool value, std::int64_t key) {
  return {{key, Value::map({{name, value}})}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ceremonies)

BOOST_AUTO_TEST_CASE(made_then_asserted_with_flags_and_counter) {
  Rig rig("no-pin");
  const Value made = rig.cbor(0x01, make_request("alice")).body();
  BOOST_TEST(*made.text_at(1) == "packed");
  BOOST_TEST(flags_of(made) == (up | attested));
  const Value asserted = rig.cbor(0x02, assert_request(credential_id(made))).body();
  BOOST_TEST(flags_of(asserted) == up);
  BOOST_TEST(counter_of(asserted) == counter_of(made) + 1);
  const auto rp = crypto::sha256(as_bytes("example.org"));
  BOOST_TEST(std::equal(rp.begin(), rp.end(), asserted.bytes_at(2)->begin()));
}

BOOST_AUTO_TEST_CASE(the_silent_pre_flight_asks_nobody_and_says_so) {
  Rig rig("no-pin", {.touch = vk::Person::Touch::never});
  rig.device->person().touch = vk::Person::Touch::automatic;
  const Bytes id = credential_id(rig.cbor(0x01, make_request("alice")).body());
  rig.device->person().touch = vk::Person::Touch::never;
  BOOST_TEST(flags_of(rig.cbor(0x02, assert_request(id, option("up", false, 5))).body()) == 0);
  BOOST_TEST((rig.cbor(0x02, assert_request(Bytes(48, 7), option("up", false, 5))).status() ==
              Status::no_credentials));
  BOOST_TEST(
      (rig.cbor(0x02, assert_request(id, option("up", false, 5), "another.example")).status() ==
       Status::no_credentials));
}

BOOST_AUTO_TEST_CASE(an_excluded_credential_is_told_after_the_touch_only) {
  Rig rig("no-pin");
  const Bytes id = credential_id(rig.cbor(0x01, make_request("alice")).body());
  rig.device->person().touch = vk::Person::Touch::manual;
  rig.begin(0x01,
            make_request("alice",
                         {{5, Value::array({Value::map({{"id", id}, {"type", "public-key"}})})}}));
  BOOST_TEST(rig.silent());
  BOOST_TEST(rig.device->press(vk::Answer::given, rig.now));
  BOOST_TEST((rig.next().status() == Status::credential_excluded));
}

BOOST_AUTO_TEST_CASE(what_is_missing_or_of_another_type) {
  Rig rig("no-pin");
  BOOST_TEST((rig.cbor(0x01).status() == Status::missing_parameter));
  BOOST_TEST((rig.cbor(0x01, Value::map({{1, "text"}})).status() == Status::cbor_unexpected_type));
  BOOST_TEST(
      (rig.cbor(0x01, make_request("alice", {}, -47)).status() == Status::unsupported_algorithm));
  BOOST_TEST((rig.cbor(0x01, make_request("alice", option("up", false, 7))).status() ==
              Status::invalid_option));
  BOOST_TEST((rig.cbor(0x01, make_request("alice", option("uv", true, 7))).status() ==
              Status::invalid_option));
  BOOST_TEST((rig.cbor(0x02, assert_request({}, option("rk", true, 5))).status() ==
              Status::unsupported_option));
  BOOST_TEST((rig.cbor(0x42).status() == Status::invalid_command));
  BOOST_TEST(
      (rig.call(vk::hid::Command::cbor, Bytes{0x01, 0xff}).status() == Status::invalid_cbor));
}

BOOST_AUTO_TEST_CASE(several_accounts_newest_first_and_only_for_a_while) {
  Rig rig("no-pin");
  for (const char* const user : {"alice", "bob", "carol"})
    BOOST_TEST((rig.cbor(0x01, make_request(user, option("rk", true, 7))).status() == Status::ok));
  BOOST_TEST((rig.cbor(0x01, make_request("alice", option("rk", true, 7))).status() ==
              Status::ok));  // in place of the first
  const Value first = rig.cbor(0x02, assert_request({})).body();
  BOOST_TEST(first.integer_at(5).value() == 3);
  BOOST_TEST(as_text(*first.map_at(4)->bytes_at("id")) == "alice");
  BOOST_TEST(first.map_at(4)->find("name") == nullptr);  // nobody was verified
  BOOST_TEST(as_text(*rig.cbor(0x08).body().map_at(4)->bytes_at("id")) == "carol");
  rig.pass(30s);
  BOOST_TEST((rig.cbor(0x08).status() == Status::not_allowed));
  (void)rig.cbor(0x02, assert_request({}));
  (void)rig.cbor(0x04);  // any other command ends it
  BOOST_TEST((rig.cbor(0x08).status() == Status::not_allowed));
}

BOOST_AUTO_TEST_CASE(built_in_verification_counts_as_the_touch_too) {
  Rig rig("uv");
  const Value made = rig.cbor(0x01, make_request("alice", option("uv", true, 7))).body();
  BOOST_TEST(flags_of(made) == (up | uv | attested));
  rig.device->person().right_finger = false;
  for (int left = 4; left >= 0; --left) {
    BOOST_TEST(
        (rig.cbor(0x02, assert_request(credential_id(made), option("uv", true, 5))).status() ==
         Status::operation_denied));
    BOOST_TEST(rig.cbor(0x06, Value::map({{2, 7}})).body().integer_at(5).value() == left);
  }
  rig.device->person().right_finger = true;
  BOOST_TEST((rig.cbor(0x02, assert_request(credential_id(made), option("uv", true, 5))).status() ==
              Status::operation_denied));  // blocked
}

BOOST_AUTO_TEST_CASE(cred_protect_hides_from_whoever_is_not_verified) {
  Rig rig("no-pin");
  for (const auto& [level, listed, found] : {std::tuple{1, false, true},
                                             {1, true, true},
                                             {2, false, false},
                                             {2, true, true},
                                             {3, false, false},
                                             {3, true, false}}) {
    rig.key->state.credentials.clear();
    const Value made =
        rig.cbor(0x01, make_request("alice", {{6, Value::map({{"credProtect", level}})},
                                              {7, Value::map({{"rk", true}})}}))
            .body();
    BOOST_TEST(flags_of(made) == (up | attested | extended));
    const std::optional<Bytes> id = listed ? std::optional(credential_id(made)) : std::nullopt;
    BOOST_TEST((rig.cbor(0x02, assert_request(id)).status() ==
                (found ? Status::ok : Status::no_credentials)));
  }
}

BOOST_AUTO_TEST_CASE(faults_in_the_signed_data) {
  Rig rig("uv");
  const Value made = rig.cbor(0x01, make_request("alice")).body();
  const Value request = assert_request(credential_id(made), option("uv", true, 5));
  const auto with = [&](const char* fault) {
    BOOST_REQUIRE(rig.key->faults.set("none"));
    BOOST_REQUIRE(rig.key->faults.set(fault));
    return rig.cbor(0x02, request).body();
  };
  const Value good = with("none");
  BOOST_TEST(flags_of(good) == (up | uv));
  BOOST_TEST(flags_of(with("uv-cleared")) == up);
  BOOST_TEST(flags_of(with("up-cleared")) == uv);
  const Value elsewhere = with("wrong-rp-hash");
  BOOST_TEST(!std::equal(good.bytes_at(2)->begin(), good.bytes_at(2)->begin() + 32,
                         elsewhere.bytes_at(2)->begin()));
  const std::uint32_t last = counter_of(with("none"));
  const std::uint32_t back = counter_of(with("counter-back"));
  BOOST_TEST(back < last);
  BOOST_TEST(counter_of(with("counter-back")) < back);
  BOOST_TEST(counter_of(with("none")) == last + 1);
}

BOOST_AUTO_TEST_CASE(a_full_key) {
  Rig rig("no-pin");
  BOOST_REQUIRE(rig.key->faults.set("full"));
  BOOST_TEST((rig.cbor(0x01, make_request("alice")).status() == Status::key_store_full));
  BOOST_REQUIRE(rig.key->faults.set("none"));
  for (std::size_t i = 0; i < vk::most_discoverable; ++i) {
    const std::string user = "user" + std::to_string(i);
    BOOST_REQUIRE(
        (rig.cbor(0x01, make_request(user, option("rk", true, 7))).status() == Status::ok));
  }
  BOOST_TEST((rig.cbor(0x01, make_request("one more", option("rk", true, 7))).status() ==
              Status::key_store_full));
  BOOST_TEST((rig.cbor(0x01, make_request("user7", option("rk", true, 7))).status() ==
              Status::ok));  // takes its own place
}

BOOST_AUTO_TEST_CASE(reset_soon_after_power_up_and_with_a_touch) {
  Rig rig;
  BOOST_REQUIRE((rig.set_pin("1234") == Status::ok));
  rig.pass(10s + 1ms);
  BOOST_TEST((rig.cbor(0x07).status() == Status::not_allowed));
  rig.power_cycle();
  const std::string serial = rig.key->state.serial;
  BOOST_TEST((rig.cbor(0x07).status() == Status::ok));
  BOOST_TEST(!rig.key->pin_set());
  BOOST_TEST(rig.key->state.serial == serial);
  rig.device->person().touch = vk::Person::Touch::manual;
  rig.begin(0x07);
  BOOST_TEST(rig.device->press(vk::Answer::refused, rig.now));
  BOOST_TEST((rig.next().status() == Status::operation_denied));
}

BOOST_AUTO_TEST_SUITE_END()
