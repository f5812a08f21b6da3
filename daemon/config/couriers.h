// SPDX-License-Identifier: Apache-2.0
// The tables about sending: [email], [sms], [[sms.gateway]], [codes], [templates]. For config.cpp
// alone.
#pragma once

#include "core/engine/context.h"
#include "daemon/config/reader.h"
#include "daemon/couriers/settings.h"

namespace countersign::config {

[[nodiscard]] Take email_table(couriers::Settings& settings);
[[nodiscard]] Take sms_table(couriers::Settings& settings, SendRules& rules);
[[nodiscard]] Take codes_table(engine::Rules& rules);
[[nodiscard]] Take templates_table(couriers::Templates& templates);

}  // namespace countersign::config
