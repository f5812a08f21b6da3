// SPDX-License-Identifier: Apache-2.0
// Secrets of YubiKeys leave the store: for an administrator who has another server know the keys,
// too. Each is in the record, with what the act rests on, before it leaves.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/caller.h"
#include "core/engine/context.h"

namespace countersign::engine {

inline constexpr std::size_t longest_export = 500;  // keys

struct ExportKeys {
  Caller caller;
  std::optional<UserId> user;         // only of this user
  std::optional<std::string> serial;  // only this one, as the store has it
  AuthenticatorId after;              // only behind this one
  std::string rests_on;               // fresh.h
};
struct ExportedKey {
  AuthenticatorId id;
  std::string user;    // name; empty: stock
  std::string serial;  // as the store has it: "12345678-2", or what was imported
  Bytes public_id;
  Secret material;  // the AES key (16 octets), the private id (6)
  Time created{};
};
struct ExportedKeys {
  std::vector<ExportedKey> keys;
  std::optional<AuthenticatorId> next;  // there may be more behind this one
};
// Of Kind::yubico_otp, what is verified here: not what is revoked, is just being programmed, or is
// known to servers elsewhere only. corrupt: one does not open; then none leaves. May read for long:
// for a worker.
void export_yubico_otp(Context& context, ExportKeys request, Then<ExportedKeys> then);

}  // namespace countersign::engine
