// SPDX-License-Identifier: Apache-2.0
// SMS gateways whose HTTP interfaces are known, so that a configuration names one and gives account
// and sender.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "daemon/couriers/settings.h"

namespace countersign::couriers {

[[nodiscard]] std::vector<std::string_view> preset_names();

// What gateway.preset says, before the configuration's own keys are read over it. invalid: no such
// preset.
[[nodiscard]] Result<void> apply_preset(Gateway& gateway);
// After them: an address that was given without a query gets that of the preset (Kannel runs
// anywhere).
void complete_url(Gateway& gateway);

}  // namespace countersign::couriers
