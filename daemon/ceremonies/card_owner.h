// SPDX-License-Identifier: Apache-2.0
// Whose a card is before it is provisioned.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/engine/context.h"
#include "devices/protocol/messages.h"

namespace countersign::routes {

struct CardSlot {
  std::string user;                   // whose it becomes
  std::string slot;                   // "9a"
  std::string serial;                 // "SERIAL-SLOT", as authenticators have it
  std::vector<reader::CardKey> keys;  // that the card shows
};

// A user's own card is renewed: the authenticator that it is already, or none. renews: the one that
// is meant. exists: the slot signs in somebody else. conflict: it is suspended. not_found: it is
// not the one that is meant, or there is no such user.
[[nodiscard]] Result<std::optional<Authenticator>> owner_settled(
    engine::Context& context, const CardSlot& card, const std::optional<Authenticator>& renews);

}  // namespace countersign::routes
