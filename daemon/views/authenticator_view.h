// SPDX-License-Identifier: Apache-2.0
// An authenticator as the API shows it.
#pragma once

#include "core/authenticator.h"
#include "daemon/api/authenticators.h"
#include "daemon/services/services.h"

namespace countersign::routes {

// Without anything secret; looks up the owner's name, and for backup codes how many are left.
[[nodiscard]] Result<api::AuthenticatorView> view_of(Services& services,
                                                     const Authenticator& authenticator);
[[nodiscard]] Result<api::AuthenticatorView> view_of(Services& services, AuthenticatorId id);

}  // namespace countersign::routes
