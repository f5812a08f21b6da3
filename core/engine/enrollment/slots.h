// SPDX-License-Identifier: Apache-2.0
// Slots of YubiKeys that we program: what is enrolled is on the disk before the key has it, so that
// neither a crash nor a key that is pulled out leaves a secret in a key that nobody here knows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/caller.h"
#include "core/engine/context.h"
#include "core/engine/grounds/grounds.h"
#include "core/engine/verification/slot.h"

namespace countersign::engine {

struct PrepareSlot {
  Caller caller;
  std::string user;
  std::string label;
  Kind kind = Kind::hmac;  // or yubico_otp, hotp
  SlotName name;
  bool programmed = false;    // the key says so
  std::int64_t sequence = 0;  // of programming, as the key says: one more with each write
  bool force = false;         // what is in the slot, and what is enrolled of it, may go
  bool eight_digits = false;  // hotp
  bool software = false;
  std::vector<std::string> advisories = {};  // that warn of it, for the record
  // hmac: the secret that is in the slot already, 20 octets; nothing is written then, and it
  // becomes active when the key has answered with it.
  std::optional<Secret> known = {};
  Grounds grounds = {};  // on what it is bound
};
struct PreparedSlot {
  AuthenticatorId id;
  Secret material;       // hmac, hotp: 20 octets; yubico_otp: the AES key (16), the private id (6)
  Bytes public_id;       // yubico_otp: 6 octets
  bool resumed = false;  // it was begun before, and goes on with the same secret
};
// Recorded by prepare_slot, and not known to be on the key: to be finished, not to be resumed by
// hand.
[[nodiscard]] bool begun(const Authenticator& row);
// Records the authenticator as suspended, with its secret; active is what activate_slot makes it,
// when the key has it. Begun before for this slot, kind and user: the same again. conflict: the
// slot is programmed, not by what was begun, and force was not given. exists: it is enrolled.
void prepare_slot(Context& context, PrepareSlot request, Then<PreparedSlot> then);
void activate_slot(Context& context, Caller caller, AuthenticatorId id, Then<AuthenticatorId> then);
// The key did not take it: revoked, with why.
void give_up_slot(Context& context, Caller caller, AuthenticatorId id, std::string why,
                  Then<AuthenticatorId> then);

// What is done to a key and enrols nothing: for the record, before it is done.
struct SlotDeed {
  Caller caller;
  std::string what;       // erase, swap, static
  std::string user = {};  // who it is for, if anybody: must be there
  SlotName name;
  bool force = false;
};
void record_slot_deed(Context& context, SlotDeed deed, Then<SlotName> then);

}  // namespace countersign::engine
