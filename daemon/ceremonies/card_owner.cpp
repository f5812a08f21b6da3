// SPDX-License-Identifier: Apache-2.0
#include "daemon/ceremonies/card_owner.h"

#include <utility>

#include "core/engine/lookup.h"
#include "core/engine/verification/card_credentials.h"

namespace countersign::routes {
namespace {

// Whom the slot signs in already, by what the store knows of the card's number and by the key that
// it shows.
Result<std::optional<Authenticator>> bound_in(engine::Context& context, const CardSlot& card) {
  std::vector<AuthenticatorFilter> filters{{.serial = card.serial}};
  for (const reader::CardKey& each : card.keys)
    if (each.applet == devices::Capability::piv && each.slot == card.slot &&
        !each.public_key.empty())
      filters.push_back({.kind = Kind::piv, .handle = engine::card_handle_of(each.public_key)});
  for (const AuthenticatorFilter& filter : filters) {
    auto rows = TRY(context.store.authenticators(filter));
    for (Authenticator& row : rows)
      if (row.status != Status::revoked) return std::optional(std::move(row));
  }
  return std::nullopt;
}

}  // namespace

Result<std::optional<Authenticator>> owner_settled(engine::Context& context, const CardSlot& card,
                                                   const std::optional<Authenticator>& renews) {
  const auto record = TRY(engine::user_named(context, card.user));
  auto bound = bound_in(context, card);
  if (!bound) return bound;
  const std::string slot = "slot " + card.slot + " of this card";
  if (renews && (!*bound || (*bound)->id != renews->id))
    return fail(Code::not_found, slot + " is not the authenticator " + to_text(renews->id) +
                                     ": insert the card to renew");
  if (!*bound) return std::nullopt;
  if ((*bound)->user != record->user.id)
    return fail(Code::exists, slot + " signs in another user, as authenticator " +
                                  to_text((*bound)->id) +
                                  ": revoke that first, or name another slot");
  if ((*bound)->status != Status::active)
    return fail(Code::conflict, slot + " is the authenticator " + to_text((*bound)->id) +
                                    ", which is suspended: resume it first, or revoke it");
  return bound;
}

}  // namespace countersign::routes
