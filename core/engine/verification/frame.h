// SPDX-License-Identifier: Apache-2.0
// Private to this folder: one attempt to verify, from the user's record to the verdict. The only
// way in which a Verdict becomes verified. Each round:
//
//   record  →  throttle (codes)  →  judge: candidates  →  gate  →  judge: valid?
//           →  change, with what it relied on as preconditions, and its event  →  commit  → verdict
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/caller.h"
#include "core/engine/context.h"
#include "core/engine/verification/judge.h"
#include "core/verdict.h"

namespace countersign::engine {

// Whom an attempt is about.
struct Claim {
  std::optional<std::string> name;  // as the caller gave it; none: the proof says who it is
  UserId id;  // whom the challenge was made for: then this counts, and not the name
};

struct Attempt {
  Caller caller;
  Claim claim;
  std::optional<Kind> kind;                    // for the event of a denial; none: any
  std::vector<std::unique_ptr<Judge>> judges;  // asked in this order until one accepts
  bool guessable = false;  // a typed code: the user's throttle counts it (throttle.h)
};

// The verdict comes after its commit: an accept was durable before, a denial is recorded or counted
// (denials.h). Whatever fails, denies.
void verify(Context& context, std::shared_ptr<Attempt> attempt, ThenVerdict then);

// A denial without a look at any proof, recorded before it is told. named: claim.name is one of our
// users.
void deny(Context& context, const Caller& caller, const std::string& name, bool named,
          std::optional<Kind> kind, Verdict verdict, ThenVerdict then);

}  // namespace countersign::engine
