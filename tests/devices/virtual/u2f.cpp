// SPDX-License-Identifier: Apache-2.0
// U2F raw messages.
#include <boost/test/unit_test.hpp>

#include "core/crypto/hash.h"
#include "devices/virtual/key/authenticator_data.h"
#include "tests/devices/virtual/rig.h"

using namespace countersign;
using namespace countersign::test;
using vk::hid::Command;

namespace {

unsigned word(const Answered& answer) {
  return unsigned{answer.payload.at(answer.payload.size() - 2)} << 8U | answer.payload.back();
}

Bytes apdu(Byte ins, Byte p1, BytesView data) {
  return vk::join({Bytes{0, ins, p1, 0, 0, static_cast<Byte>(data.size() >> 8U),
                         static_cast<Byte>(data.size())},
                   data, Bytes{0, 0}});
}

Bytes handle_of(const Answered& registered) {
  const auto size = static_cast<std::ptrdiff_t>(registered.payload.at(66));
  return {registered.payload.begin() + 67, registered.payload.begin() + 67 + size};
}

Bytes authentication(const Bytes& handle, Byte application) {
  return vk::join(
      {Bytes(32, 1), Bytes(32, application), Bytes{static_cast<Byte>(handle.size())}, handle});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(u2f)

BOOST_AUTO_TEST_CASE(version_and_wrong_messages) {
  Rig rig("u2f");
  BOOST_TEST(as_text(rig.call(Command::msg, Bytes{0, 3, 0, 0, 0, 0, 0}).payload) ==
             std::string_view("U2F_V2\x90\0", 8));
  BOOST_TEST(word(rig.call(Command::msg, Bytes{0, 3, 0, 0})) == 0x9000);
  BOOST_TEST(word(rig.call(Command::msg, Bytes{1, 3, 0, 0})) == 0x6e00);
  BOOST_TEST(word(rig.call(Command::msg, Bytes{0, 9, 0, 0})) == 0x6d00);
  BOOST_TEST(word(rig.call(Command::msg, Bytes{0, 1})) == 0x6700);
  BOOST_TEST(word(rig.call(Command::msg, apdu(1, 0, Bytes(63)))) == 0x6700);
}

BOOST_AUTO_TEST_CASE(a_touch_is_polled_for_and_used_once) {
  Rig rig("u2f", {.touch = vk::Person::Touch::manual});
  const Bytes request = apdu(1, 0, Bytes(64, 2));
  BOOST_TEST(word(rig.call(Command::msg, request)) == 0x6985);
  BOOST_TEST(rig.device->press(vk::Answer::given, rig.now));
  const Answered registered = rig.call(Command::msg, request);
  BOOST_TEST(word(registered) == 0x9000);
  BOOST_TEST(word(rig.call(Command::msg, request)) == 0x6985);
}

BOOST_AUTO_TEST_CASE(a_handle_works_for_its_application_alone) {
  Rig rig("u2f");
  const Bytes handle = handle_of(rig.call(Command::msg, apdu(1, 0, Bytes(64, 2))));
  BOOST_TEST(word(rig.call(Command::msg, apdu(2, 0x07, authentication(handle, 2)))) ==
             0x6985);  // check only: it is mine
  BOOST_TEST(word(rig.call(Command::msg, apdu(2, 0x07, authentication(handle, 3)))) == 0x6a80);
  BOOST_TEST(word(rig.call(Command::msg, apdu(2, 0x03, authentication(handle, 3)))) == 0x6a80);
  const Answered signed_once = rig.call(Command::msg, apdu(2, 0x03, authentication(handle, 2)));
  BOOST_TEST(word(signed_once) == 0x9000);
  BOOST_TEST(signed_once.payload[0] == 1);  // user presence
}

BOOST_AUTO_TEST_CASE(what_u2f_made_ctap2_can_use) {
  Rig rig("no-pin");
  const auto rp = countersign::crypto::sha256(as_bytes("example.org"));
  const Bytes handle = handle_of(rig.call(Command::msg, apdu(1, 0, vk::join({Bytes(32, 1), rp}))));
  BOOST_TEST((rig.cbor(0x02, assert_request(handle)).status() == vk::Status::ok));
}

BOOST_AUTO_TEST_SUITE_END()
