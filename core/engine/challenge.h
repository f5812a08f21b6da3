// SPDX-License-Identifier: Apache-2.0
// A challenge that waits for its answer: fresh, random, single-use, expiring; bound to the caller, the purpose, the offered
// credentials, and the user once named (T23). In the store's volatile part, sealed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/caller.h"
#include "core/engine/context.h"
#include "core/engine/grounds.h"

namespace countersign::engine {

enum class ChallengePurpose { verify, enroll };

struct Challenge {
  ChallengePurpose purpose = ChallengePurpose::verify;
  Bytes value;  // 32 octets
  webauthn::UserVerification uv = webauthn::UserVerification::preferred;
  UserId user;       // none: the token says who it is
  std::string name;  // of that user
  std::vector<Bytes> credentials;  // verify: the ids that were offered; enroll: those that were excluded
  std::vector<Bytes> cards;        // the same of cards' keys, by handle
  std::vector<Bytes> slots;        // of YubiKeys' slots, by handle
  // enroll only
  AuthenticatorId authenticator;
  std::string label;
  bool discoverable = false;
  Grounds grounds = {};

  bool operator==(const Challenge&) const = default;
};

// With a fresh value; its id, and when it dies. exhausted: this caller has too many.
struct HeldChallenge {
  std::string id;
  Time expires{};
};
[[nodiscard]] Result<HeldChallenge> hold_challenge(Context& context, const Caller& caller, Challenge& challenge);

// Removes it: whatever comes of it, it is answered. not_found: no such one, expired, or of another caller or purpose.
[[nodiscard]] Result<Challenge> take_challenge(Context& context, const Caller& caller, const std::string& id, ChallengePurpose purpose);

}  // namespace countersign::engine
