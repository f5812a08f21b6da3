// SPDX-License-Identifier: Apache-2.0
// What the daemon itself answers to a card that is provisioned: PUK and management keys, which no
// person knows.
#pragma once

#include <memory>
#include <optional>

#include "core/engine/enrollment/card_issuing.h"
#include "devices/protocol/messages.h"

namespace countersign::routes {

class CardAnswers {
 public:
  // given: a management key that came with the order; none: nothing.
  CardAnswers(engine::CardSecrets kept, std::shared_ptr<Secret> given)
      : kept_(std::move(kept)), given_(std::move(given)) {}

  // Nothing: it is for the person, or there is no further key.
  [[nodiscard]] std::optional<Secret> to(const reader::Prompt& prompt);

 private:
  [[nodiscard]] std::optional<Secret> next_key(bool again);

  engine::CardSecrets kept_;
  std::shared_ptr<Secret> given_;
  int offered_ = 0;  // in answer to one request
};

}  // namespace countersign::routes
