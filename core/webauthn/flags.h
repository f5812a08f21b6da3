// SPDX-License-Identifier: Apache-2.0
// What both ceremonies ask of RP ID hash and flags (WebAuthn L3 §7.1 steps 14-17, §7.2 steps
// 15-18).
#pragma once

#include <string_view>

#include "core/webauthn/authenticator_data.h"
#include "core/webauthn/relying_party.h"
#include "core/webauthn/steps.h"

namespace countersign::webauthn {

struct FlagRules {
  std::string_view rp_id;
  bool user_presence = true;
  UserVerification user_verification = UserVerification::preferred;
};

// The steps rp_id to backup_flags. Whether the judgement goes on.
[[nodiscard]] bool judge_flags(const AuthenticatorData& data, const FlagRules& rules,
                               Report& report);

}  // namespace countersign::webauthn
