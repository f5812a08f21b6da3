// SPDX-License-Identifier: Apache-2.0
// The daemon's end of a YubiKey's slots: how keys are asked, and their answer for the engine.
#pragma once

#include <optional>
#include <vector>

#include "core/engine/enrollment/slots.h"
#include "daemon/tokens/operation.h"

namespace countersign::tokens {

// A response to this message by the first of these slots that the key has.
[[nodiscard]] Way slot_way(const std::vector<engine::SlotName>& slots, const Bytes& message);
// The key's answer for the engine, but for the caller and the challenge; nothing when the reader
// answered something else.
[[nodiscard]] std::optional<engine::FinishSlotAssertion> slot_proof(const Outcome& outcome);

// Its slots are only looked at.
[[nodiscard]] Way slots_shown();
// Writing one; the secrets go by Plan::slot_secrets.
[[nodiscard]] Way slot_written(const reader::SlotWrite& write);

}  // namespace countersign::tokens
