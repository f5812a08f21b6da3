// SPDX-License-Identifier: Apache-2.0
// The port to one card in one reader: exclusive turns, and APDUs within them.
#pragma once

#include <expected>
#include <memory>

#include "core/base/bytes.h"
#include "core/base/deadline.h"
#include "core/base/try.h"
#include "devices/protocol/device.h"
#include "devices/protocol/messages.h"

namespace countersign::devices::smartcard {

// Why the card did not answer.
enum class Loss {
  removed,  // pulled out, or its reader was, or pcscd ended
  reset,  // somebody else reset it: nothing that was selected or verified holds any more. The next
          // begin() has it again
  busy,   // another program keeps it to itself
  timed_out,
  cancelled,
  malformed,  // what came is no answer
};

// One card. One thread uses it; cancel() alone may come from another. What it is told is kept for
// nobody.
class Channel {
 public:
  virtual ~Channel() = default;

  // From here to end() nobody else talks to the card. True: it was reset since the turn before (or
  // this is the first turn).
  [[nodiscard]] virtual std::expected<bool, Loss> begin(const Deadline& deadline) = 0;
  // forget: the card is reset, so that nobody goes on with what was verified in this turn.
  virtual void end(bool forget) = 0;

  // A whole command, its whole response with the status words: 2 to 65538 octets. Only inside of a
  // turn.
  [[nodiscard]] virtual std::expected<Bytes, Loss> transmit(BytesView command,
                                                            const Deadline& deadline) = 0;

  // The turn that is waited for, and whatever comes after, ends with cancelled. clear_cancel()
  // before the next operation.
  virtual void cancel() = 0;
  virtual void clear_cancel() = 0;

  [[nodiscard]] virtual Bytes answer_to_reset() const = 0;
};

// Opens what the Device's node names: a reader of PC/SC (pcsc_channel.cpp), or a software card's
// socket (software_channel.cpp). Nothing is said to the card but what powers it. After this call no
// file or socket is opened any more.
[[nodiscard]] std::expected<std::unique_ptr<Channel>, reader::Failed> open_pcsc(
    const Device& device);
[[nodiscard]] std::expected<std::unique_ptr<Channel>, reader::Failed> open_software(
    const Device& device);

[[nodiscard]] reader::Failed failed(Loss loss);

// A turn as an object: it ends when this goes.
class Turn {
 public:
  explicit Turn(Channel& channel) : channel_(channel) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() { end(); }

  [[nodiscard]] std::expected<bool, Loss> begin(const Deadline& deadline) {
    auto begun = channel_.begin(deadline);
    held_ = begun.has_value();
    return begun;
  }
  void end() {
    if (held_) channel_.end(forget_);
    held_ = false;
  }
  void forget() { forget_ = true; }  // at the end

 private:
  Channel& channel_;
  bool held_ = false;
  bool forget_ = false;
};

}  // namespace countersign::devices::smartcard
