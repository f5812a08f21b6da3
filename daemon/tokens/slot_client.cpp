// SPDX-License-Identifier: Apache-2.0
#include "daemon/tokens/slot_client.h"

namespace countersign::tokens {

Way slot_way(const std::vector<engine::SlotName>& slots, const Bytes& message) {
  std::vector<reader::SlotName> names;
  for (const engine::SlotName& each : slots)
    names.push_back({.serial = each.serial, .slot = each.slot});
  return {.needs = {devices::Capability::otp},
          .request = reader::SlotRespond{.slots = names, .challenge = message},
          .preflight = reader::SlotHolds{.slots = names}};
}

std::optional<engine::FinishSlotAssertion> slot_proof(const Outcome& outcome) {
  const auto* answer = std::get_if<reader::SlotResponded>(&outcome.reply);
  if (answer == nullptr) return std::nullopt;
  return engine::FinishSlotAssertion{
      .caller = {},
      .id = {},
      .name = {.serial = answer->slot.serial, .slot = static_cast<int>(answer->slot.slot)},
      .response = answer->response,
      .touched = answer->touched,
      .software = outcome.device.transport == devices::Transport::software};
}

Way slots_shown() { return {.needs = {devices::Capability::otp}}; }

Way slot_written(const reader::SlotWrite& write) {
  return {.needs = {devices::Capability::otp}, .request = write};
}

}  // namespace countersign::tokens
