// SPDX-License-Identifier: Apache-2.0
// A sign-in as the API shows it.
#pragma once

#include "core/engine/sign_in/sign_in.h"
#include "daemon/api/sign_in.h"

namespace countersign::routes {

// tell: the caller verifies others; who verifies only itself learns of a code no more than yes or
// no (T32).
[[nodiscard]] api::SignInResult to_wire(engine::SignInView view, bool tell);

}  // namespace countersign::routes
