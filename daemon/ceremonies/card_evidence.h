// SPDX-License-Identifier: Apache-2.0
// What a card's certificate needs from outside before it is judged.
#pragma once

#include <functional>

#include "core/engine/verification/card_judgement.h"
#include "daemon/services/services.h"

namespace countersign::routes {

// What can be known now of whether the card's certificate was revoked, with the proof; on the
// loop's thread. Fetched where the policy asks for it; what can't be fetched is missing, and the
// policy says what that means.
void with_evidence(Services& services, const Holder& holder, engine::CardProof proof,
                   std::move_only_function<void(engine::CardProof)> then);

}  // namespace countersign::routes
