// SPDX-License-Identifier: Apache-2.0
// The daemon's end of a card's signature: how cards are asked, and their answer for the engine.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/engine/verification/card_judgement.h"
#include "daemon/tokens/operation.h"

namespace countersign::tokens {

struct CardQuestion {
  std::vector<Bytes> keys;                        // by handle; empty: whichever
  std::vector<devices::Capability> applets = {};  // piv, openpgp; empty: both
  std::string slot = {};                          // empty: whichever
  Bytes message;
  bool verified = false;  // only with its PIN
};
[[nodiscard]] Way card_way(CardQuestion question);

// A software card, or one in a reader that is software: never hardware (T50).
[[nodiscard]] bool is_software(const devices::Device& device);

// The card's answer for the engine; nothing when the reader answered something else.
[[nodiscard]] std::optional<engine::CardProof> card_proof(const Outcome& outcome);

}  // namespace countersign::tokens
