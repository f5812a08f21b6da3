// SPDX-License-Identifier: Apache-2.0
#include "core/webauthn/flags.h"

#include "core/crypto/hash.h"

namespace countersign::webauthn {

bool judge_flags(const AuthenticatorData& data, const FlagRules& rules, Report& report) {
  const bool verified =
      data.flags.user_verified() || rules.user_verification != UserVerification::required;
  return report.note(Step::rp_id, data.rp_id_hash == crypto::sha256(as_bytes(rules.rp_id))) &&
         report.note(Step::user_present, data.flags.user_present() || !rules.user_presence) &&
         report.note(Step::user_verified, verified) &&
         report.note(Step::backup_flags, data.flags.backup_eligible() || !data.flags.backed_up());
}

}  // namespace countersign::webauthn
