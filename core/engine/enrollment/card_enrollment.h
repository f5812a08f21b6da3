// SPDX-License-Identifier: Apache-2.0
// Binding a smartcard's key, in two steps: a challenge, and what the card signed over it. A card
// that was renewed here comes the same way: its authenticator then has the key and the certificate
// that it has now.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/engine/grounds/grounds.h"
#include "core/engine/verification/card_judgement.h"

namespace countersign::engine {

struct BeginCardEnrollment {
  Caller caller;
  std::string user;
  std::string label;
  webauthn::UserVerification uv = webauthn::UserVerification::preferred;
  std::optional<AuthenticatorId> renews = {};  // the user's, that is active; keeps the basis it has
  Grounds grounds = {};                        // on what a new one is bound
};
struct CardEnrollmentOptions {
  std::string id;  // of the challenge
  Bytes message;   // what the card is to sign
  Time expires{};
};
void begin_card_enrollment(Context& context, BeginCardEnrollment request,
                           Then<CardEnrollmentOptions> then);

struct FinishCardEnrollment {
  Caller caller;
  std::string id;
  CardProof proof;
  std::vector<std::string> advisories = {};  // that warn of it, for the record
  std::string serial =
      {};  // "SERIAL-SLOT" of a card that was provisioned here; unique (authenticator.h)
};
// invalid: it is no proof; the text begins with the reason's name. exists: somebody has that key.
// not_found: no such challenge.
void finish_card_enrollment(Context& context, FinishCardEnrollment request,
                            Then<AuthenticatorId> then);

}  // namespace countersign::engine
