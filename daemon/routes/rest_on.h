// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/engine/fresh.h"
#include "daemon/http/route.h"
#include "daemon/routes/services.h"

namespace countersign::routes {

// On what a change rests that needs a fresh verification (engine::require_fresh). For a worker: it may look through the administrators.
struct Rest {
  std::string change;
  std::optional<std::string> fresh;
  std::optional<bool> recovery;
  bool helpdesk_may = false;
};
[[nodiscard]] Result<std::string> rest_on(Services& services, const http::Call& call, Rest rest);

}  // namespace countersign::routes
