// SPDX-License-Identifier: Apache-2.0
// What a test may do to a token that runs: touch it, pull it out, make it misbehave. A SEQPACKET
// socket, mode 0600; one connection is one command as text, answered with "ok" or "error: ...".
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "devices/virtual/transports/hid_device.h"
#include "devices/virtual/transports/listener.h"

namespace countersign::virtual_key {

// A key's: "touch", "deny", "fault NAME[=N]", "uv ok", "uv fail", "power-cycle" (pulled out and
// plugged in again).
[[nodiscard]] Result<void> obey(HidDevice& device, Key& key, std::string_view command, Moment now);

// Where commands come in; nothing: no path is named.
[[nodiscard]] Result<std::optional<Listener>> open_control(const std::string& path);

// Takes one connection and answers it with what came of its command; gives the other end a short
// time to say what it wants.
void serve_control(const Listener& listener,
                   const std::function<Result<void>(std::string_view command)>& obeyed);

// The same, where a command may have an answer: one line.
void serve_control(const Listener& listener,
                   const std::function<Result<std::string>(std::string_view command)>& obeyed);

// The other end: sends one command, and gives what it brought (mostly nothing). invalid: what the
// token said against it.
[[nodiscard]] Result<std::string> tell(const std::string& path, std::string_view command);

}  // namespace countersign::virtual_key
