// SPDX-License-Identifier: Apache-2.0
// A YubiKey's slots as the API shows them.
#pragma once

#include "daemon/api/slots.h"
#include "daemon/services/services.h"
#include "devices/protocol/device.h"

namespace countersign::routes {

// With what is enrolled of each slot.
[[nodiscard]] api::SlotsView slots_view(Services& services, const devices::SlotsInfo& info);

}  // namespace countersign::routes
