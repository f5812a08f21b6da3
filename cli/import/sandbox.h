// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace countersign::import {

// Gives up everything that turning bytes on standard input into bytes on standard output does not need: new
// privileges, files, sockets, processes, executable memory, core dumps, more than 256 MiB and two minutes of processor time. A
// system call outside of that ends the process, except that opening a file fails (libraries ask for what is optional).
// For good. False when the kernel refused: then no hostile byte may be read.
[[nodiscard]] bool enter_sandbox();

}  // namespace countersign::import
