// SPDX-License-Identifier: Apache-2.0
// The port to the OTP interface of one key. Three ways lead there: libykpers on USB
// (usb_channel.cpp), APDUs on PC/SC (card_channel.cpp), a software key's socket
// (software_channel.cpp). One suite of tests holds them to this.
#pragma once

#include <expected>
#include <functional>
#include <memory>

#include "core/base/deadline.h"
#include "devices/protocol/device.h"
#include "devices/protocol/messages.h"
#include "devices/yubikey/wire.h"

namespace countersign::devices::yubikey {

enum class Loss {
  removed,    // pulled out
  refused,    // the key did not do it: the slot is empty or of another kind, or another access code
              // protects it
  timed_out,  // the deadline passed, or nobody touched the key while it waited
  cancelled,
  malformed,  // what came is no answer, or its checksum is wrong
};

// One thread uses it; cancel() alone may come from another.
class Channel {
 public:
  virtual ~Channel() = default;

  [[nodiscard]] virtual std::expected<Status, Loss> status() = 0;
  // A command with an answer of so many octets. wants_touch: called once, when the key waits for a
  // person. A key that waits for nobody answers within a second, or it is refused.
  [[nodiscard]] virtual std::expected<Bytes, Loss> ask(
      Command command, BytesView payload, std::size_t answer, const Deadline& deadline,
      const std::function<void()>& wants_touch) = 0;
  // A command that changes the key; its status afterwards. refused: the programming sequence did
  // not move.
  [[nodiscard]] virtual std::expected<Status, Loss> write(Command command, BytesView payload,
                                                          const Deadline& deadline) = 0;

  // What goes on ends with cancelled, and so does what comes after, until clear_cancel().
  virtual void cancel() = 0;
  virtual void clear_cancel() = 0;
};

[[nodiscard]] reader::Failed failed(Loss loss);

// Each opens what the device's node names, and says nothing to the key that would change it.
// Afterwards no file or socket is opened. prepare_usb() comes before open_usb(), while threads and
// netlink sockets may still be made: libusb wants both.
[[nodiscard]] bool prepare_usb();
[[nodiscard]] std::expected<std::unique_ptr<Channel>, reader::Failed> open_usb(
    const Device& device);
[[nodiscard]] std::expected<std::unique_ptr<Channel>, reader::Failed> open_card(
    const Device& device);
[[nodiscard]] std::expected<std::unique_ptr<Channel>, reader::Failed> open_software(
    const Device& device);

}  // namespace countersign::devices::yubikey
