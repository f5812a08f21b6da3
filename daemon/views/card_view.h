// SPDX-License-Identifier: Apache-2.0
// A card as the API shows it.
#pragma once

#include <vector>

#include "daemon/api/devices.h"
#include "devices/protocol/messages.h"

namespace countersign::routes {

// A card for those who look at it: applications, and what its certificates say. Nothing of it was
// judged.
[[nodiscard]] api::CardView card_view(const devices::CardInfo& card,
                                      const std::vector<reader::CardKey>& keys);

}  // namespace countersign::routes
