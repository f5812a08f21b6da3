// SPDX-License-Identifier: Apache-2.0
// Login sessions at this machine, and the grace that counts in them.
#pragma once

#include "daemon/http/route.h"
#include "daemon/services/services.h"

namespace countersign::routes {

// Root's PAM: a sign-in became a login session; grace counts in it.
[[nodiscard]] http::Route session_begin_route(Services& services);

}  // namespace countersign::routes
