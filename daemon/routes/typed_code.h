// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "core/engine/verification.h"
#include "daemon/routes/services.h"

namespace countersign::routes {

// Verifies a code as it was typed; what hashes slowly does so on a worker, and then may be invoked there. An error: it is no code.
void verify_typed_code(Services& services, Caller caller, std::string user, const Secret& typed, std::move_only_function<void(Result<Verdict>)> then);

}  // namespace countersign::routes
