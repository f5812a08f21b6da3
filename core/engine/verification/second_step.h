// SPDX-License-Identifier: Apache-2.0
// Private to this folder: the second step of what begin.h began.
#pragma once

#include <optional>
#include <string>

#include "core/engine/context.h"
#include "core/engine/verification/challenge.h"
#include "core/engine/verification/frame.h"

namespace countersign::engine {

// Takes the challenge, which is used up whatever comes of it. None: denied already, and `then`
// called. kind: of the proof.
[[nodiscard]] std::optional<Challenge> answered_challenge(Context& context, const Caller& caller,
                                                          const std::string& id, Kind kind,
                                                          ThenVerdict& then);

// The attempt that answers it.
[[nodiscard]] std::shared_ptr<Attempt> attempt_at(const Challenge& challenge, Caller caller,
                                                  Kind kind, std::unique_ptr<Judge> judge);

}  // namespace countersign::engine
