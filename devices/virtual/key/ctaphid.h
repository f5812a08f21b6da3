// SPDX-License-Identifier: Apache-2.0
// CTAPHID framing (CTAP 2.1 §11.2.4): messages in 64-octet reports. Bytes in, messages and protocol
// errors out; no I/O, no clock of its own.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "core/base/bytes.h"

namespace countersign::virtual_key {

using Moment = std::chrono::steady_clock::time_point;

namespace hid {

constexpr std::size_t report_size = 64;
constexpr std::size_t most_payload = 64 - 7 + 128 * (64 - 5);  // 7609, §11.2.4
using Report = std::array<Byte, report_size>;                  // without a report number

using Channel = std::uint32_t;
constexpr Channel broadcast = 0xffffffff;

enum class Command : Byte {  // without the bit that marks an initialization packet
  ping = 0x01,
  msg = 0x03,
  lock = 0x04,
  init = 0x06,
  wink = 0x08,
  cbor = 0x10,
  cancel = 0x11,
  keepalive = 0x3b,
  error = 0x3f,
};

enum class Fault : Byte {  // §11.2.9.1.6
  invalid_command = 0x01,
  invalid_parameter = 0x02,
  invalid_length = 0x03,
  invalid_sequence = 0x04,
  message_timeout = 0x05,
  channel_busy = 0x06,
  invalid_channel = 0x0b,
  other = 0x7f,
};

struct Message {
  Channel channel = 0;
  Byte command = 0;  // as received: may be none of Command
  Bytes payload;
};

struct ProtocolError {
  Channel channel = 0;
  Fault fault = Fault::other;
};

// Puts reports together. One transaction at a time: while a message is on its way on one channel,
// another channel is busy.
class Assembler {
 public:
  // How long the next packet of a message may take (§11.2.5.2; the specification leaves the value
  // to the device).
  static constexpr std::chrono::milliseconds patience{1000};

  using Result =
      std::variant<std::monostate, Message, ProtocolError>;  // nothing yet; whole; refused
  // The channel was handed out by open(); INIT comes through on the broadcast channel too, and ends
  // what is unfinished on its own channel.
  [[nodiscard]] Result receive(const Report& report, Moment now);
  // The error of a message whose next packet did not come in time.
  [[nodiscard]] std::optional<ProtocolError> expire(Moment now);
  [[nodiscard]] std::optional<Moment> wake() const;

  void forget_unfinished() { unfinished_.reset(); }
  [[nodiscard]] Channel open();  // a channel that nobody has
  [[nodiscard]] bool known(Channel channel) const {
    return channel != 0 && channel <= last_channel_;
  }

 private:
  [[nodiscard]] Result begin(Channel channel, const Report& report, Moment now);
  [[nodiscard]] Result go_on(Channel channel, const Report& report, Moment now);
  [[nodiscard]] Result finish_if_whole();

  Channel last_channel_ = 0;
  std::optional<Message> unfinished_;
  std::size_t expected_ = 0;  // payload octets of it
  Byte next_sequence_ = 0;
  Moment due_{};
};

// A message as reports; payload of at most most_payload octets. declared: the length to claim
// instead of the real one, for faults.
[[nodiscard]] std::vector<Report> to_reports(Channel channel, Command command, BytesView payload,
                                             std::optional<std::uint16_t> declared = std::nullopt);
[[nodiscard]] std::vector<Report> to_reports(const ProtocolError& error);

}  // namespace hid
}  // namespace countersign::virtual_key
