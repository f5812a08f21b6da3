// SPDX-License-Identifier: Apache-2.0
// The demo's scene with a YubiKey.
#pragma once

#include "cli/demo/stage.h"

namespace countersign::demo {

// IT programs both slots of a YubiKey for Dave; what it types verifies once, and it answers a
// challenge.
[[nodiscard]] Result<void> dave_gets_a_yubikey(const Stage& stage);

}  // namespace countersign::demo
