// SPDX-License-Identifier: Apache-2.0
// What a factor answers to a proof.
#pragma once

#include "core/authenticator.h"

namespace countersign {

enum class Match { no, used, yes };  // used: right, but it has been accepted before

struct Check {
  Match match = Match::no;
  Progress progress;  // when match is yes: what to commit (last_used is the engine's to set)
};

}  // namespace countersign
