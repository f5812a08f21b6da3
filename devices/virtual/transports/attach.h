// SPDX-License-Identifier: Apache-2.0
// The key as a HID device of this machine's kernel (/dev/uhid): all programs see it as a hidraw
// node, and udev's rules decide who may use it. Only what looks for a USB device finds none.
#pragma once

#include "core/base/result.h"
#include "devices/virtual/transports/key_setup.h"

namespace countersign::virtual_key {

struct AttachOptions {
  bool die_with_parent = false;
};

// Until SIGTERM or SIGINT; then it is pulled out. Prints one line when the kernel has it.
// unavailable: there is no /dev/uhid (module uhid), or not for us (root's, as a rule).
[[nodiscard]] Result<void> attach(const Setup& setup, const AttachOptions& options);

}  // namespace countersign::virtual_key
