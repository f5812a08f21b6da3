// SPDX-License-Identifier: Apache-2.0
// Verification by a token that signs or answers takes two steps: a challenge, and the answer that a
// browser or the daemon's reader got to it (WebAuthn L3 §7.2). This is the first step; whichever
// token the person uses answers the one challenge (security_key.h, card.h, slot.h).
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/caller.h"
#include "core/engine/context.h"
#include "core/engine/verification/slot.h"

namespace countersign::engine {

struct BeginAssertion {
  Caller caller;
  std::optional<std::string> user;  // none: whoever the credential says it is (discoverable)
  webauthn::UserVerification uv = webauthn::UserVerification::preferred;
  bool cards = false;  // at this machine, where a card or a YubiKey's slot may answer, too
};

struct AssertionOptions {
  struct Allowed {
    Bytes id;
    std::vector<std::string> transports;
  };
  std::string id;  // of the challenge
  Bytes challenge;
  webauthn::UserVerification uv = webauthn::UserVerification::preferred;
  bool keys = true;              // a security key may answer
  std::vector<Allowed> allowed;  // empty: discoverable
  bool cards = false;            // a card may answer, over card_message()
  std::vector<Bytes> card_keys;  // by handle; empty: any
  std::vector<SlotName> slots;   // a slot may answer, over slot_message(); empty: none
  Time expires{};
};

// The options; or a denial that is recorded already: the user is unknown, suspended, or has nothing
// that could answer.
void begin_assertion(Context& context, BeginAssertion request,
                     std::move_only_function<void(std::expected<AssertionOptions, Verdict>)> then);

// Nobody will answer it: no token came, it was pulled out, the person cancelled. Recorded, and
// denied.
void abandon_assertion(Context& context, Caller caller, const std::string& id, Verdict because,
                       ThenVerdict then);

}  // namespace countersign::engine
