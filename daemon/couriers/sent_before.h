// SPDX-License-Identifier: Apache-2.0
// What was sent before a restart, read back from the record.
#pragma once

#include "core/engine/context.h"
#include "core/engine/verification/sending.h"

namespace countersign::couriers {

// Enters what the record says was sent in the last day, so that a restart opens no budget (T40).
// Looks at the newest 20,000 events.
[[nodiscard]] Result<void> remember_sent(engine::Context& context, engine::SendBook& book);

}  // namespace countersign::couriers
