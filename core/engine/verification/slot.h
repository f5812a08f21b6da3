// SPDX-License-Identifier: Apache-2.0
// A YubiKey's slot with an HMAC-SHA1 secret: its name, what it is asked, and verification by its
// response, the second step (the first: begin.h). Programming one: engine/slots.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/caller.h"
#include "core/engine/context.h"

namespace countersign::engine {

struct SlotName {
  std::int64_t serial = 0;
  int slot = 0;  // 1 or 2
  bool operator==(const SlotName&) const = default;
};
// "12345678-2": Authenticator::serial of what is in a slot.
[[nodiscard]] std::string serial_of(const SlotName& name);
// Authenticator::handle of Kind::hmac: the serial number in eight octets, the slot in one.
[[nodiscard]] Bytes handle_of(const SlotName& name);
[[nodiscard]] std::optional<SlotName> slot_of_handle(BytesView handle);

// What the key is asked: 33 octets, of which the last is not zero (keys take zeros off).
[[nodiscard]] Bytes slot_message(BytesView challenge);
// Whether a response to this message is by this secret.
[[nodiscard]] bool answers(const Secret& material, BytesView message, BytesView response);
// The slots that can answer for this user.
[[nodiscard]] std::vector<SlotName> hmac_slots(const Context& context, const UserRecord& record);

struct FinishSlotAssertion {
  Caller caller;
  std::string id;  // of the challenge
  SlotName name;
  Bytes response;  // 20 octets
  bool touched = false;
  bool software = false;
};
// The challenge is used up, whatever comes of it.
void finish_slot_assertion(Context& context, FinishSlotAssertion request, ThenVerdict then);

}  // namespace countersign::engine
