// SPDX-License-Identifier: Apache-2.0
// Verification by a security key or a card, in two steps: a challenge, and the answer that a token or browser got it (WebAuthn L3 §7.2).
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/caller.h"
#include "core/engine/context.h"
#include "core/engine/slots.h"
#include "core/verdict.h"

namespace countersign::engine {

struct BeginAssertion {
  Caller caller;
  std::optional<std::string> user;  // none: whoever the credential says it is (discoverable)
  webauthn::UserVerification uv = webauthn::UserVerification::preferred;
  bool cards = false;  // it happens at this machine, where a card or a YubiKey's slot may answer, too (card_assertion.h, slots.h)
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
  std::vector<SlotName> slots;   // a YubiKey's slot may answer, over slot_message(); empty: none
  Time expires{};
};

// The options; or a denial that is recorded already: the user is unknown, suspended, or has none that could answer.
void begin_assertion(Context& context, BeginAssertion request, std::move_only_function<void(std::expected<AssertionOptions, Verdict>)> then);

struct FinishAssertion {
  Caller caller;
  std::string id;
  Bytes credential_id;
  Bytes client_data_json;
  Bytes authenticator_data;
  Bytes signature;
  std::optional<Bytes> user_handle;
};

// The challenge is used up, whatever comes of it. Signatures are checked on the calling thread (60 µs).
void finish_assertion(Context& context, FinishAssertion request, std::move_only_function<void(Verdict)> then);

// It will not be answered: no token came, it was pulled out, the person gave up. Recorded, and denied.
void abandon_assertion(Context& context, Caller caller, const std::string& id, Verdict because, std::move_only_function<void(Verdict)> then);

}  // namespace countersign::engine
