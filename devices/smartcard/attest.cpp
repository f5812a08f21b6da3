// SPDX-License-Identifier: Apache-2.0
// What a PIV card says of where a key comes from. No secret is asked for.
#include "devices/smartcard/card.h"
#include "devices/smartcard/piv/management.h"
#include "devices/smartcard/piv/objects.h"

namespace countersign::devices::smartcard {

using reader::CardAttested;

reader::Reply attest(Card& card, const reader::CardAttest& request, const Deadline& deadline) {
  const piv::Slot* const slot = piv::slot_named(request.slot);
  if (slot == nullptr)
    return reader::Failed{.failure = reader::Failure::unsupported, .detail = "no such slot"};
  auto told = card.with(
      Capability::piv, deadline,
      [&](Application& application, const CardApplet& applet) -> std::expected<CardAttested, Loss> {
        if (applet.serial != request.serial) return std::unexpected(Loss::removed);  // another card
        piv::Management& management = *application.management();
        auto statement = TRY(management.attest(slot->reference));
        if (!statement.status.ok()) return CardAttested{};
        auto attester = TRY(management.attester());
        return CardAttested{.statement = std::move(statement.data),
                            .attester = std::move(attester)};
      });
  if (!told) return failed(told.error());
  if (!*told) return failed(Loss::removed);
  return std::move(**told);
}

}  // namespace countersign::devices::smartcard
