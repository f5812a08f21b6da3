// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "devices/reader/channel.h"
#include "devices/reader/child.h"
#include "devices/usb/directory.h"
#include "devices/usb/software_directory.h"

namespace countersign::reader {

// Every token that is there, of all kinds.
class Presence {
 public:
  [[nodiscard]] static Result<Presence> open(const ChildOptions& options, bool watched);

  [[nodiscard]] std::vector<Device> present() const;
  [[nodiscard]] std::optional<Device> find(std::string_view id) const;

  // Sends Present, and again after each change, until the connection ends or `stop` becomes readable.
  void serve(Channel& channel, int stop);

 private:
  Presence(devices::usb::Directory usb, std::optional<devices::usb::SoftwareDirectory> software) : usb_(std::move(usb)), software_(std::move(software)) {}

  devices::usb::Directory usb_;
  std::optional<devices::usb::SoftwareDirectory> software_;
};

}  // namespace countersign::reader
