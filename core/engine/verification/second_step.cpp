// SPDX-License-Identifier: Apache-2.0
#include "core/engine/verification/second_step.h"

#include <utility>

namespace countersign::engine {

std::optional<Challenge> answered_challenge(Context& context, const Caller& caller,
                                            const std::string& id, Kind kind, ThenVerdict& then) {
  Result<Challenge> challenge = take_challenge(context, caller, id, ChallengePurpose::verify);
  if (challenge) return std::move(*challenge);
  const bool none = challenge.error().code == Code::not_found;
  deny(context, caller, "", false, kind, Verdict(none ? Reason::no_challenge : Reason::unavailable),
       std::move(then));
  return std::nullopt;
}

std::shared_ptr<Attempt> attempt_at(const Challenge& challenge, Caller caller, Kind kind,
                                    std::unique_ptr<Judge> judge) {
  auto attempt = std::make_shared<Attempt>(Attempt{.caller = std::move(caller), .kind = kind});
  if (challenge.user) attempt->claim = {.name = challenge.name, .id = challenge.user};
  attempt->judges.push_back(std::move(judge));
  return attempt;
}

}  // namespace countersign::engine
