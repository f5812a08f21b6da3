// SPDX-License-Identifier: Apache-2.0
// What a test may do to a key that runs: touch it, pull it out, make it misbehave. A SEQPACKET socket, mode 0600; one
// connection is one command as text, answered with "ok" or "error: ...".
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "devices/virtual/hid_device.h"
#include "devices/virtual/listener.h"

namespace countersign::virtual_key {

// "touch", "deny", "fault NAME[=N]", "uv ok", "uv fail", "power-cycle" (pulled out and plugged in again).
[[nodiscard]] Result<void> obey(HidDevice& device, Key& key, std::string_view command, Moment now);

// Takes one connection and answers it; gives the other end a short time to say what it wants.
void serve_control(const Listener& listener, HidDevice& device, Key& key);

// The other end: sends one command. invalid: what the key said against it.
[[nodiscard]] Result<void> tell(const std::string& path, std::string_view command);

}  // namespace countersign::virtual_key
