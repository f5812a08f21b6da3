// SPDX-License-Identifier: Apache-2.0
#include "daemon/routes/card_evidence.h"

#include <utility>

namespace countersign::routes {

void with_evidence(Services& services, engine::CardProof proof, std::move_only_function<void(engine::CardProof)> then) {
  if (services.lists) proof.evidence = *services.lists;
  then(std::move(proof));
}

}  // namespace countersign::routes
