// SPDX-License-Identifier: Apache-2.0
// The fresh verification of an administrator that some changes need: --as, --code or --tap, --recovery.
#pragma once

#include <optional>
#include <string>

#include "cli/front.h"

namespace CLI {
class App;
}

namespace countersign::cli {

struct FreshOptions {
  std::string as, code, code_file;
  bool tap = false;
  bool recovery = false;
  [[nodiscard]] std::optional<bool> recovers() const { return recovery ? std::optional(true) : std::nullopt; }
};
void add_fresh_options(CLI::App& verb, FreshOptions& options);

// Verifies whom --as names for this change; its id. Nothing when --as is not given: the daemon then says whether it needs one.
[[nodiscard]] Result<std::optional<std::string>> verify_freshly(Front& front, const std::string& change, const FreshOptions& options);

}  // namespace countersign::cli
