// SPDX-License-Identifier: Apache-2.0
// What programs that play a token until they are told to stop share.
#pragma once

#include <chrono>
#include <optional>

#include "devices/virtual/transports/listener.h"

namespace countersign::virtual_key {

// SIGTERM and SIGINT as something to poll.
[[nodiscard]] Descriptor catch_signals();

// Ends with the parent. False: that one is gone already.
[[nodiscard]] bool tie_to_parent();

// For poll: -1 without a moment.
[[nodiscard]] int milliseconds_until(
    const std::optional<std::chrono::steady_clock::time_point>& moment);

}  // namespace countersign::virtual_key
