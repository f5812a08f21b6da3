// SPDX-License-Identifier: Apache-2.0
#include "daemon/ceremonies/card_evidence.h"

#include <utility>

namespace countersign::routes {

void with_evidence(Services& services, const Holder& holder, engine::CardProof proof,
                   std::move_only_function<void(engine::CardProof)> then) {
  if (services.lists) proof.evidence = *services.lists;
  auto wanted = services.revocation != nullptr
                    ? engine::wanted_for(services.context, proof.certificate)
                    : std::vector<certificates::Wanted>();
  if (wanted.empty()) return then(std::move(proof));
  services.work(holder, [&services, wanted = std::move(wanted), proof = std::move(proof),
                         then = std::move(then)]() mutable {
    services.revocation->add(wanted, services.context.clock.read().now,
                             Deadline::in(services.fetch_time), proof.evidence);
    services.post(
        [proof = std::move(proof), then = std::move(then)]() mutable { then(std::move(proof)); });
  });
}

}  // namespace countersign::routes
