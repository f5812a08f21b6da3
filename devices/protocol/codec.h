// SPDX-License-Identifier: Apache-2.0
// The form of messages.h on the socket (SOCK_STREAM): frames.
//
//   4 octets  length of what follows, big endian: 1 to longest_frame
//   1 octet   type: 0 message, 1 secret
//   payload   message: a CBOR array [name, field, field, ...]; secret: its octets
//
// Fields stand in the order of fields(): bytes, text, integers and booleans as themselves, an
// optional that is empty as null, lists and nested values as arrays, enums by their name. Decoding
// is strict: an unknown name, another number of fields, another type, a text or list over the
// limits below refuse the message (Code::corrupt), and the connection with it.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <variant>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "devices/protocol/messages.h"

namespace countersign::reader {

inline constexpr std::size_t longest_frame = 256 * 1024;
inline constexpr std::size_t longest_secret = 4096;
inline constexpr std::size_t longest_text = 4096;    // octets of one text
inline constexpr std::size_t longest_bytes = 65536;  // of one byte string
inline constexpr std::size_t longest_list = 1024;    // items of one list

// A whole frame, ready to be written. Texts that are not UTF-8 or over the limit are the caller's
// mistake: the other end refuses the frame.
[[nodiscard]] Bytes to_frame(const Request& request);
[[nodiscard]] Bytes to_frame(const Reply& reply);
[[nodiscard]] Secret to_frame(const Secret& secret);

// A message frame's payload.
[[nodiscard]] Result<Request> decode_request(BytesView payload);
[[nodiscard]] Result<Reply> decode_reply(BytesView payload);

// A payload as it came: a message's octets, or a secret that was never anywhere else.
using Frame = std::variant<Bytes, Secret>;

// Puts frames together from whatever pieces the socket gives, without I/O of its own:
//   read(fd, reader.room()) → n; reader.got(n) → a frame when one is complete
// room() is where the next octets go, never empty, never longer than what the frame still lacks; so
// a secret is read into its Secret. It is valid until the next got(). After an error the stream has
// no meaning any more: close it.
class FrameReader {
 public:
  [[nodiscard]] std::span<Byte> room();
  [[nodiscard]] Result<std::optional<Frame>> got(std::size_t octets);

 private:
  [[nodiscard]] Result<void> begin_payload();
  [[nodiscard]] Frame take();

  std::array<Byte, 5> head_{};
  bool in_payload_ = false;
  std::size_t filled_ = 0;  // of head_, or of payload_
  std::size_t size_ = 0;    // of the payload
  Frame payload_;
};

}  // namespace countersign::reader
