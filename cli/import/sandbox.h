// SPDX-License-Identifier: Apache-2.0
// The sandbox of the helpers that parse foreign files.
#pragma once

#include <string_view>

namespace countersign::import {

// How a line on standard output begins that tells the number of a refused system call:
// REFUSED_CALL_LINE NUMBER }.
inline constexpr std::string_view refused_call_line = "{\"refused_call\":";

// Gives up everything that turning bytes on standard input into bytes on standard output does not
// need: new privileges, files, sockets, processes, executable memory, core dumps, more than 256 MiB
// and two minutes of processor time. A system call outside of that ends the process by SIGSYS, and
// is told of on standard output where it could be a library's; opening a file fails instead
// (libraries ask for what is optional). For good. False when the kernel refused: then no hostile
// byte may be read.
[[nodiscard]] bool enter_sandbox();

}  // namespace countersign::import
