// SPDX-License-Identifier: Apache-2.0
// YubiKeys that somebody else programmed: the servers that know their secrets are asked by the
// daemon, and what they say is judged here. Such an authenticator has a public id and no secret.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/caller.h"
#include "core/engine/context.h"
#include "core/engine/grounds/grounds.h"
#include "core/factors/otp_validation.h"

namespace countersign::engine {

// The question that was asked, and what came; empty: nothing that holds.
struct OtpEvidence {
  std::shared_ptr<const otp_validation::Service> service;
  otp_validation::Question question;
  std::string answer;
};

[[nodiscard]] bool validated_elsewhere(const Authenticator& authenticator);

// What has to be asked to judge this OTP of this user (nothing: whoever's it is); nothing: no such
// key is enrolled for them.
[[nodiscard]] std::optional<OtpEvidence> question_about(
    Context& context, std::shared_ptr<const otp_validation::Service> service,
    const std::optional<std::string>& user, std::string_view typed);
// The same for a key that is to be enrolled. invalid: no OTP, or one without a public id.
[[nodiscard]] Result<OtpEvidence> first_question_about(
    Context& context, std::shared_ptr<const otp_validation::Service> service,
    std::string_view typed);

// Binds the public id of the OTP that was asked about, which is used then. exists: somebody has it.
// invalid: the servers don't accept it. unavailable: no answer that holds.
struct EnrollElsewhere {
  Caller caller;
  std::string user;
  std::string label;
  OtpEvidence evidence;
  Grounds grounds = {};  // on what it is bound
};
void enroll_elsewhere(Context& context, EnrollElsewhere request, Then<AuthenticatorId> then);

}  // namespace countersign::engine
