// SPDX-License-Identifier: Apache-2.0
// Verification by a smartcard, the second step (the first: begin.h).
#pragma once

#include <string>

#include "core/engine/verification/card_judgement.h"

namespace countersign::engine {

struct FinishCardAssertion {
  Caller caller;
  std::string id;  // of the challenge
  CardProof proof;
};

// The challenge is used up, whatever comes of it. The card's user is whoever has enrolled its key;
// else, where the policy says so, the one whom a valid certificate names: that enrols its key. An
// unsigned CHUID says nothing.
void finish_card_assertion(Context& context, FinishCardAssertion request, ThenVerdict then);

}  // namespace countersign::engine
