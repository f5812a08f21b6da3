// SPDX-License-Identifier: Apache-2.0
// The process that opens one token.
#pragma once

#include <filesystem>
#include <optional>

namespace countersign::reader {

struct ChildOptions {
  std::optional<std::filesystem::path> software_tokens;  // --virtual
  bool kernel_events = false;                            // --kernel-events
};

// The whole life of a child, with its connection as descriptor 3: reads the first message, gives up
// what that does not need, serves. The exit code: 0 as it should be; 1 the first message was none;
// 3 no sandbox.
[[nodiscard]] int run_child(const ChildOptions& options);

inline constexpr int child_connection = 3;

}  // namespace countersign::reader
