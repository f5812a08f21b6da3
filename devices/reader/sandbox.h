// SPDX-License-Identifier: Apache-2.0
// What a child of the reader gives up. Each step is for good, and holds for all threads of the
// process.
#pragma once

namespace countersign::reader {

// No new privileges, no core dumps, not dumpable, bounded memory and descriptors; it dies with its
// parent. The first thing.
[[nodiscard]] bool limit_process();

// Where the kernel has Landlock: of all files only nodes in /dev may be written, and nothing is
// made or removed. Where it has none, the unit's ProtectSystem and enter_sandbox() have to do.
// Holds for this thread and those that it makes.
void forbid_writing();

// What the process still may do. A system call outside of it fails with EACCES, or ends the process
// where it would start another program or process, or open a socket of another family.
enum class Work {
  watch,  // read files, listen to the descriptors there are: for the child that looks which tokens
          // are there
  open,   // read files, open a token's node or connect to a software token; only until `operate`
  open_usb,     // `open`, and take a USB device from the kernel (usbfs); the libusb thread is there
                // already
  operate_usb,  // `operate`, and talk to it
  operate,  // talk over the descriptors there are: for the rest of a token's life. Nothing can be
            // opened
};
[[nodiscard]] bool enter_sandbox(Work work);

}  // namespace countersign::reader
