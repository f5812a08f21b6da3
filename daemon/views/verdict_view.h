// SPDX-License-Identifier: Apache-2.0
// A verdict, as far as its caller may know it.
#pragma once

#include "core/verdict.h"
#include "daemon/api/verification.h"

namespace countersign::routes {

// Callers that may verify nobody but themselves learn no more than yes or no of codes (T32); what a
// token did in their own hand they are told.
[[nodiscard]] api::VerifyResult to_wire(const Verdict& verdict, std::string user, bool tell);

}  // namespace countersign::routes
