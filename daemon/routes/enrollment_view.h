// SPDX-License-Identifier: Apache-2.0
// An enrolment that has begun, as the API shows it.
#pragma once

#include "core/engine/enrollment/enrollment.h"
#include "daemon/api/authenticators.h"
#include "daemon/ceremonies/sending.h"
#include "daemon/services/services.h"

namespace countersign::routes {

// With the secret and its otpauth URI: shown this once.
[[nodiscard]] Result<api::EnrollResult> to_wire(const Services& services, std::string user,
                                                engine::Enrollment enrollment);

// Of a phone number or address: what its code will confirm.
[[nodiscard]] api::EnrollResult to_wire(SentTo sent);

}  // namespace countersign::routes
