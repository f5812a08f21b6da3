// SPDX-License-Identifier: Apache-2.0
// Which tokens are plugged in, from sysfs and udev; no device node is opened.
#pragma once

#include <memory>
#include <vector>

#include "core/base/result.h"
#include "devices/protocol/device.h"

struct udev;
struct udev_monitor;

namespace countersign::devices::usb {

// Whose hot-plug events are heard. The kernel's come first, and reach network namespaces of their
// own; udevd's come when it has set permissions, in the host's network namespace alone.
enum class Events { none, udevd, kernel };

class Directory {
 public:
  // Where no udevd runs, its events are the kernel's.
  [[nodiscard]] static Result<Directory> open(Events events);

  // One Device a physical token: its FIDO interface, else the YubiKey's keyboard interface, gives
  // id and node. By id. trouble is permission where this process may not read and write the node.
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
