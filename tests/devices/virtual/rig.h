// SPDX-License-Identifier: Apache-2.0
// A virtual key in this process with a host at its frames, and a clock that the test moves.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "devices/virtual/key/pin_protocol.h"
#include "devices/virtual/transports/hid_device.h"

namespace countersign::test {

namespace vk = virtual_key;
using formats::cbor::Value;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

struct Answered {
  vk::hid::Command command{};
  Bytes payload;

  [[nodiscard]] vk::Status status() const { return static_cast<vk::Status>(payload.at(0)); }
  [[nodiscard]] Value body() const;  // of a CTAPHID_CBOR answer; throws when it is no CBOR
};

class Rig {
 public:
  explicit Rig(std::string_view profile = "pin", vk::Person person = {});

  // --- frames ---
  void send(vk::hid::Command command, BytesView payload,
            std::optional<vk::hid::Channel> channel = std::nullopt);
  // Answers other than keepalives, in order; throws when there is none.
  Answered next();
  [[nodiscard]] bool silent();  // nothing but keepalives has come
  int keepalives = 0;           // seen by next() and silent()
  Byte last_keepalive = 0;
  bool closed = false;               // the key was pulled out
  std::vector<vk::hid::Report> raw;  // not looked at yet

  Answered call(vk::hid::Command command, BytesView payload);
  // A CTAP command.
  Answered cbor(Byte command, const Value& request = {});
  void begin(Byte command, const Value& request = {});  // without waiting for its answer

  void pass(std::chrono::milliseconds time);  // ticking whenever the key wants to
  void power_cycle();

  // --- what a platform does (CTAP 2.1 §6.5.6) ---
  [[nodiscard]] vk::SharedSecret agree(vk::PinProtocol protocol, Value& own_key);
  vk::Status set_pin(std::string_view pin, vk::PinProtocol protocol = vk::PinProtocol::two);
  vk::Status change_pin(std::string_view old_pin, std::string_view new_pin,
                        vk::PinProtocol protocol = vk::PinProtocol::two);
  struct Token {
    vk::Status status{};
    Secret value;
    vk::PinProtocol protocol{};
  };
  Token token(std::string_view pin, int permissions, std::string_view rp_id = "example.org",
              vk::PinProtocol protocol = vk::PinProtocol::two);
  [[nodiscard]] static Bytes authenticate(const Token& token, BytesView message);

  vk::Moment now{};
  std::unique_ptr<vk::Key> key;
  std::unique_ptr<vk::HidDevice> device;
  vk::hid::Channel channel = 0;

 private:
  std::optional<Answered> take();
};

inline const Bytes client_data_hash(32, 0x5a);

// makeCredential for user at example.org; options and more entries as given.
[[nodiscard]] Value make_request(std::string_view user, Value::Map more = {}, int algorithm = -7);
[[nodiscard]] Value assert_request(const std::optional<Bytes>& id, Value::Map more = {},
                                   std::string_view rp_id = "example.org");
// The credential id, the flags and the counter in authenticator data.
[[nodiscard]] Bytes credential_id(const Value& made);
[[nodiscard]] Byte flags_of(const Value& body);
[[nodiscard]] std::uint32_t counter_of(const Value& body);

}  // namespace countersign::test
