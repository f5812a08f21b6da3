// SPDX-License-Identifier: Apache-2.0
// What doctor says of bootstrap and of administrators' authenticators.
#pragma once

#include <vector>

#include "cli/front.h"
#include "cli/local/finding.h"
#include "daemon/api/status.h"

namespace countersign::cli {

// Whether bootstrap is over, and which authenticators of people with a role somebody has to look
// at: those that were bound before the store kept why, and those that do not count for fresh
// verifications yet. Says nothing to callers who may not ask.
void check_rights(Front& front, const api::StatusView& status, std::vector<Finding>& findings);

}  // namespace countersign::cli
