// SPDX-License-Identifier: Apache-2.0
#include "core/framing/frame.h"

#include <algorithm>
#include <utility>

namespace countersign::framing {
namespace {

constexpr std::size_t head_size = 5;

enum class FrameType : Byte { message = 0, secret = 1 };

void write_head(std::span<Byte> out, std::size_t payload, FrameType type) {
  const std::size_t length = payload + 1;
  for (std::size_t i = 0; i < 4; ++i) out[i] = static_cast<Byte>(length >> (24 - 8 * i));
  out[4] = std::to_underlying(type);
}

}  // namespace

Bytes message_frame(BytesView payload) {
  Bytes frame(head_size + payload.size());
  write_head(frame, payload.size(), FrameType::message);
  std::ranges::copy(payload, frame.begin() + head_size);
  return frame;
}

Secret to_frame(const Secret& secret) {
  Secret frame(head_size + secret.size());
  write_head(frame.expose_mutable(), secret.size(), FrameType::secret);
  std::ranges::copy(secret.expose(), frame.expose_mutable().begin() + head_size);
  return frame;
}

std::span<Byte> FrameReader::room() {
  if (!in_payload_) return std::span(head_).subspan(filled_);
  if (auto* secret = std::get_if<Secret>(&payload_))
    return secret->expose_mutable().subspan(filled_);
  return std::span(std::get<Bytes>(payload_)).subspan(filled_);
}

Result<std::optional<Frame>> FrameReader::got(std::size_t octets) {
  filled_ += octets;
  if (!in_payload_) {
    if (filled_ < head_.size()) return std::nullopt;
    TRY(begin_payload());
  }
  if (filled_ < size_) return std::nullopt;
  return take();
}

Result<void> FrameReader::begin_payload() {
  std::size_t length = 0;
  for (std::size_t i = 0; i < 4; ++i) length = length << 8U | head_[i];
  if (length == 0 || length > longest_frame)
    return fail(Code::corrupt, "a frame of a length that can't be");
  size_ = length - 1;
  if (head_[4] == std::to_underlying(FrameType::secret)) {
    if (size_ > longest_secret) return fail(Code::corrupt, "a secret that is too long");
    payload_.emplace<Secret>(size_);
  } else if (head_[4] == std::to_underlying(FrameType::message)) {
    payload_.emplace<Bytes>(size_);
  } else {
    return fail(Code::corrupt, "a frame of unknown type");
  }
  in_payload_ = true;
  filled_ = 0;
  return {};
}

Frame FrameReader::take() {
  in_payload_ = false;
  filled_ = 0;
  return std::exchange(payload_, Frame());
}

}  // namespace countersign::framing
