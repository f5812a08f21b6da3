// SPDX-License-Identifier: Apache-2.0
// Which tokens are plugged in, from sysfs and udev; no device node is opened.
#pragma once

#include <memory>
#include <vector>

#include "core/result.h"
#include "devices/device.h"

struct udev;
struct udev_monitor;

namespace countersign::devices::usb {

class Directory {
 public:
  // watched: hot-plug events are wanted too.
  [[nodiscard]] static Result<Directory> open(bool watched);

  // One Device a physical token: its FIDO interface, else the YubiKey's keyboard interface, gives id and node. By id.
  // trouble is permission where this process may not read and write the node.
  [[nodiscard]] std::vector<Device> present() const;

  // Readable after something was plugged in or out, or changed its permissions. -1: not watched.
  [[nodiscard]] int events() const;
  void drain();  // what events() had to say

 private:
  struct Closed {
    void operator()(udev* library) const;
    void operator()(udev_monitor* monitor) const;
  };
  std::unique_ptr<udev, Closed> udev_;
  std::unique_ptr<udev_monitor, Closed> monitor_;
};

}  // namespace countersign::devices::usb
