// SPDX-License-Identifier: Apache-2.0
// The demo's scene with a smartcard.
#pragma once

#include "cli/demo/stage.h"

namespace countersign::demo {

// IT provisions a smartcard for Erin, who signs in with it and has its certificate renewed.
[[nodiscard]] Result<void> erin_gets_a_card(const Stage& stage);

}  // namespace countersign::demo
