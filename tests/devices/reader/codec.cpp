// SPDX-License-Identifier: Apache-2.0
#include "devices/protocol/codec.h"
#include "core/framing/fields.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "core/encoding/cbor.h"

using namespace countersign;
using namespace countersign::reader;
namespace cbor = countersign::formats::cbor;

namespace {

// Through the wire and back, in pieces of so many octets.
std::vector<Frame> frames_of(BytesView stream, std::size_t piece) {
  FrameReader reader;
  std::vector<Frame> frames;
  while (!stream.empty()) {
    const auto room = reader.room();
    BOOST_REQUIRE(!room.empty());
    const std::size_t octets = std::min({room.size(), piece, stream.size()});
    std::ranges::copy(stream.first(octets), room.begin());
    stream = stream.subspan(octets);
    auto frame = reader.got(octets);
    BOOST_REQUIRE(frame.has_value());
    if (*frame) frames.push_back(std::move(**frame));
  }
  return frames;
}

template <class T>
T sent(const T& message) {
  const Bytes frame = to_frame(message);
  auto frames = frames_of(frame, 7);
  BOOST_REQUIRE(frames.size() == 1U);
  if constexpr (std::same_as<T, Request>) {
    auto decoded = decode_request(std::get<Bytes>(frames.front()));
    BOOST_REQUIRE(decoded.has_value());
    return *decoded;
  } else {
    auto decoded = decode_reply(std::get<Bytes>(frames.front()));
    BOOST_REQUIRE(decoded.has_value());
    return *decoded;
  }
}

bool refused(const cbor::Value& value) {
  const Bytes payload = cbor::encode(value);
  return !decode_request(payload).has_value() && !decode_reply(payload).has_value();
}

Result<std::optional<Frame>> fed(BytesView octets) {
  FrameReader reader;
  Result<std::optional<Frame>> frame;
  for (const Byte octet : octets) {
    reader.room().front() = octet;
    frame = reader.got(1);
    if (!frame) break;
  }
  return frame;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(codec)

BOOST_AUTO_TEST_CASE(every_field_arrives) {
  const Fido2Make make{.rp_id = "example.org",
                       .rp_name = "Example",
                       .client_data_hash = Bytes(32, 7),
                       .user_handle = {1, 2},
                       .user_name = "alice",
                       .user_display_name = "Alice Ä.",
                       .algorithms = {-7, -8, -257},
                       .exclude = {{1}, {}, {2, 3}},
                       .discoverable = true,
                       .uv = UserVerification::required,
                       .cred_protect = 3,
                       .milliseconds = 30'000};
  const auto got = std::get<Fido2Make>(sent(Request(make)));
  BOOST_TEST((got.rp_id == make.rp_id && got.rp_name == make.rp_name &&
              got.client_data_hash == make.client_data_hash));
  BOOST_TEST((got.user_handle == make.user_handle && got.user_name == make.user_name &&
              got.user_display_name == make.user_display_name));
  BOOST_TEST((got.algorithms == make.algorithms && got.exclude == make.exclude &&
              got.discoverable && got.uv == make.uv));
  BOOST_TEST((got.cred_protect == 3 && got.milliseconds == 30'000));

  Opened opened{.device = {.id = "hidraw3",
                           .model = "YubiKey 5 NFC",
                           .serial = "",
                           .firmware = "5.4.3",
                           .vendor = 0x1050,
                           .product = 0x0407,
                           .capabilities = {devices::Capability::fido2, devices::Capability::otp},
                           .trouble = devices::Trouble::permission,
                           .node = "/dev/hidraw3"},
                .fido2 = Fido2Info{.versions = {"FIDO_2_1"},
                                   .aaguid = Bytes(16),
                                   .algorithms = {-7},
                                   .pin_set = true,
                                   .pin_retries = 8}};
  const auto opened_got = std::get<Opened>(sent(Reply(opened)));
  BOOST_TEST((opened_got.device == opened.device && opened_got.fido2 == opened.fido2));
  opened.card = devices::CardInfo{.answer_to_reset = {0x3B},
                                  .applets = {{.kind = devices::Capability::openpgp,
                                               .version = "3.4",
                                               .id = Bytes(16, 1),
                                               .pin_retries = 3}}};
  BOOST_TEST((std::get<Opened>(sent(Reply(opened))).card == opened.card));
  opened.fido2.reset();
  BOOST_TEST(!std::get<Opened>(sent(Reply(opened))).fido2.has_value());
}

BOOST_AUTO_TEST_CASE(every_message_arrives_as_itself) {
  const Request requests[] = {Watch{},      Open{},        Fido2Holds{},  Select{},
                              Fido2Make{},  Fido2Get{},    Fido2Manage{}, Fido2List{},
                              CardHolds{},  CardList{},    CardSign{},    CardManage{},
                              SlotHolds{},  SlotRespond{}, SlotWrite{},   CardGenerate{},
                              CardAttest{}, CardInstall{}, Cancel{}};
  static_assert(std::size(requests) == std::variant_size_v<Request>);
  for (std::size_t i = 0; i < std::size(requests); ++i) BOOST_TEST(sent(requests[i]).index() == i);
  const Reply replies[] = {Present{},      Opened{},        Prompt{},      Held{},
                           Fido2Made{},    Fido2Got{},      Fido2Listed{}, CardListed{},
                           CardSigned{},   SlotResponded{}, SlotWritten{}, CardGenerated{},
                           CardAttested{}, CardInstalled{}, Done{},        Failed{}};
  static_assert(std::size(replies) == std::variant_size_v<Reply>);
  for (std::size_t i = 0; i < std::size(replies); ++i) BOOST_TEST(sent(replies[i]).index() == i);
}

BOOST_AUTO_TEST_CASE(a_secret_travels_alone) {
  const Secret pin("1234 ünïcode");
  const Secret frame = to_frame(pin);
  Bytes stream = to_frame(Request(Cancel{}));
  stream.insert(stream.end(), frame.expose().begin(), frame.expose().end());
  for (const std::size_t piece : {1U, 2U, 5U, 1000U}) {
    auto frames = frames_of(stream, piece);
    BOOST_REQUIRE(frames.size() == 2U);
    BOOST_TEST(std::holds_alternative<Cancel>(*decode_request(std::get<Bytes>(frames[0]))));
    BOOST_TEST(std::get<Secret>(frames[1]).expose_text() == pin.expose_text());
  }
  BOOST_TEST(std::get<Secret>(**fed(to_frame(Secret()).expose())).empty());
}

BOOST_AUTO_TEST_CASE(T29_what_is_not_a_message_is_refused) {
  using V = cbor::Value;
  BOOST_TEST(refused(V()));
  BOOST_TEST(refused(V::array({})));
  BOOST_TEST(refused(V::array({7})));
  BOOST_TEST(refused(V::array({"cancle"})));
  BOOST_TEST(refused(V::array({"cancel", 1})));  // one field too many
  BOOST_TEST(refused(V::array({"open"})));       // one too few
  BOOST_TEST(refused(V::array({"open", 1})));    // another type
  BOOST_TEST(refused(V::array({"open", Bytes{1}, false})));
  BOOST_TEST(refused(V::array({"select", "soon"})));
  BOOST_TEST(refused(V::array({"prompt", "dance", V(), false, 0})));
  BOOST_TEST(refused(V::array({"open", std::string(framing::longest_text + 1, 'x'), false})));
  BOOST_TEST(refused(
      V::array({"fido2-holds", "x", V::array(V::Array(framing::longest_list + 1, V(Bytes{1})))})));
  BOOST_TEST(refused(V::array({"held", V::array({"text"})})));
  BOOST_TEST(!refused(V::array({"open", std::string(framing::longest_text, 'x'), false})));
  BOOST_TEST(!refused(V::array({"held", V::array({Bytes{1}})})));
  Device device;
  const Bytes frame = to_frame(Reply(Present{{device}}));
  Bytes payload(frame.begin() + 5, frame.end());
  BOOST_TEST(decode_reply(payload).has_value());
  payload.push_back(0);  // something after it
  BOOST_TEST(!decode_reply(payload).has_value());
}

BOOST_AUTO_TEST_CASE(a_number_over_its_type_is_refused) {
  Device device;
  device.vendor = 0xffff;
  const Bytes frame = to_frame(Reply(Present{{device}}));
  Bytes payload(frame.begin() + 5, frame.end());
  const auto at = std::ranges::search(payload, Bytes{0x19, 0xff, 0xff});
  BOOST_REQUIRE(!at.empty());
  BOOST_TEST(decode_reply(payload).has_value());
  payload.erase(at.begin(), at.end());
  const Bytes larger{0x1a, 0x00, 0x01, 0x00, 0x00};
  payload.insert(at.begin(), larger.begin(), larger.end());
  BOOST_TEST(!decode_reply(payload).has_value());
}

BOOST_AUTO_TEST_CASE(T29_frames_of_impossible_lengths_are_refused) {
  BOOST_TEST(!fed(Bytes{0, 0, 0, 0, 0}).has_value());
  BOOST_TEST(!fed(Bytes{0xff, 0xff, 0xff, 0xff, 0}).has_value());
  BOOST_TEST(!fed(Bytes{0, 4, 0, 1, 0}).has_value());  // 256 KiB and one
  BOOST_TEST(fed(Bytes{0, 4, 0, 0, 0}).has_value());
  BOOST_TEST(!fed(Bytes{0, 0, 0, 2, 2}).has_value());  // no such type
  BOOST_TEST(!fed(Bytes{0, 1, 0, 0, 1}).has_value());  // T17: a secret of 64 KiB
}

BOOST_AUTO_TEST_SUITE_END()
