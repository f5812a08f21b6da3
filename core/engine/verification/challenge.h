// SPDX-License-Identifier: Apache-2.0
// A challenge that waits for its answer: fresh, random, single-use, expiring; bound to the caller,
// the purpose, the offered credentials, and the user once named (T23).
#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "core/base/time.h"
#include "core/caller.h"
#include "core/engine/context.h"
#include "core/engine/grounds/grounds.h"

namespace countersign::engine {

enum class ChallengePurpose { verify, enroll };

struct Challenge {
  ChallengePurpose purpose = ChallengePurpose::verify;
  Bytes value;  // 32 octets
  webauthn::UserVerification uv = webauthn::UserVerification::preferred;
  UserId user;                     // none: the token says who it is
  std::string name;                // of that user
  std::vector<Bytes> credentials;  // verify: the ids that were offered; enroll: those excluded
  std::vector<Bytes> cards;        // the same of cards' keys, by handle
  std::vector<Bytes> slots;        // of YubiKeys' slots, by handle
  // enroll only
  AuthenticatorId authenticator;
  std::string label;
  bool discoverable = false;
  Grounds grounds = {};

  bool operator==(const Challenge&) const = default;

  static constexpr std::string_view waits_as = "challenge";
  static std::uint64_t owner(const Caller& caller);
  static auto fields(auto& c) {
    return std::tie(c.purpose, c.value, c.uv, c.user, c.name, c.credentials, c.cards, c.slots,
                    c.authenticator, c.label, c.discoverable, c.grounds);
  }
};

// With a fresh value; its id, and when it expires. exhausted: this caller has too many.
struct HeldChallenge {
  std::string id;
  Time expires{};
};
[[nodiscard]] Result<HeldChallenge> hold_challenge(Context& context, const Caller& caller,
                                                   Challenge& challenge);

// Removes it: whatever comes of it, it is answered. not_found: there is none, it expired, or is of
// another caller or purpose.
[[nodiscard]] Result<Challenge> take_challenge(Context& context, const Caller& caller,
                                               const std::string& id, ChallengePurpose purpose);

}  // namespace countersign::engine
