// SPDX-License-Identifier: Apache-2.0
// Messages between daemon and reader over a socket.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "core/base/descriptor.h"
#include "devices/protocol/codec.h"

namespace countersign::reader {

// The child's end of its connection to the daemon. Any thread may send; one thread receives.
class Channel {
 public:
  explicit Channel(Descriptor socket) : socket_(std::move(socket)) {}

  // False: the daemon is gone, or does not read for two seconds.
  bool send(const Reply& reply);

  // To be called when the descriptor is readable. A frame if one is complete; an error at the
  // stream's end (Code::cancelled) or when it makes no sense (Code::corrupt).
  [[nodiscard]] Result<std::optional<Frame>> receive();
  // Waits for a whole frame.
  [[nodiscard]] Result<Frame> wait_frame(std::chrono::milliseconds longest);

  [[nodiscard]] int descriptor() const { return socket_.get(); }

 private:
  Descriptor socket_;
  std::mutex sending_;
  FrameReader reader_;
};

}  // namespace countersign::reader
