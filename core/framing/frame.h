// SPDX-License-Identifier: Apache-2.0
// Frames on a stream socket between two processes of ours:
//
//   4 octets  length of what follows, big endian: 1 to longest_frame
//   1 octet   type: 0 message, 1 secret
//   payload   message: what fields.h makes; secret: its octets
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <variant>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace countersign::framing {

inline constexpr std::size_t longest_frame = 256 * 1024;
inline constexpr std::size_t longest_secret = 4096;

// A whole frame, ready to be written.
[[nodiscard]] Bytes message_frame(BytesView payload);
[[nodiscard]] Secret to_frame(const Secret& secret);

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

}  // namespace countersign::framing
