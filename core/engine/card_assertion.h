// SPDX-License-Identifier: Apache-2.0
// Verification by a smartcard, the second step; the first is assertion.h's, because whichever token the person uses answers one challenge.
#pragma once

#include <string>

#include "core/engine/card_judgement.h"
#include "core/verdict.h"

namespace countersign::engine {

struct FinishCardAssertion {
  Caller caller;
  std::string id;
  CardProof proof;
};

// The challenge is used up, whatever comes of it. Whose card it is: whoever has enrolled its key; else, where the policy says so, whom a
// certificate names whose path holds: its key is enrolled by that. An unsigned CHUID says nothing.
void finish_card_assertion(Context& context, FinishCardAssertion request, std::move_only_function<void(Verdict)> then);

}  // namespace countersign::engine
