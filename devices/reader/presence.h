// SPDX-License-Identifier: Apache-2.0
// Watches whether a token is still plugged in.
#pragma once

#include <string_view>

#include "devices/protocol/channel.h"
#include "devices/reader/child.h"
#include "devices/smartcard/pcsc_directory.h"
#include "devices/usb/directory.h"
#include "devices/usb/software_directory.h"

namespace countersign::reader {

// Every token that is there, of all kinds.
class Presence {
 public:
  [[nodiscard]] static Result<Presence> open(const ChildOptions& options, bool watched);

  [[nodiscard]] std::vector<Device> present() const;
  [[nodiscard]] std::optional<Device> find(std::string_view id) const;

  void listen() { cards_.listen(); }  // before no thread can be made

  // Sends Present, and again after each change, until the connection ends, `stop` becomes readable,
  // or pcscd came or went: who may open nothing can't follow it, and a new child can.
  void serve(Channel& channel, int stop);

 private:
  Presence(devices::usb::Directory usb, devices::smartcard::PcscDirectory cards,
           std::optional<devices::usb::SoftwareDirectory> software)
      : usb_(std::move(usb)), cards_(std::move(cards)), software_(std::move(software)) {}

  devices::usb::Directory usb_;
  devices::smartcard::PcscDirectory cards_;
  std::optional<devices::usb::SoftwareDirectory> software_;
};

}  // namespace countersign::reader
