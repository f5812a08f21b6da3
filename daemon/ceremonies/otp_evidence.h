// SPDX-License-Identifier: Apache-2.0
// What other validation servers say of a YubiKey's one-time password.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/engine/verification/otp_elsewhere.h"
#include "core/factors/typed_code.h"
#include "daemon/services/services.h"

namespace countersign::routes {

// What its servers have to be asked before this code is judged: a YubiKey typed it that was
// programmed elsewhere. Nothing: they are not asked. user: whose it is to be; none: whoever's.
[[nodiscard]] std::optional<engine::OtpEvidence> otp_question(
    Services& services, const std::optional<std::string>& user, const TypedCode& code);

// Judges a typed code where it can be judged: with the servers' answer, if one came, on the loop's
// thread when there is a question; without one on a worker's, in the turn of whoever it says, when
// the code needs a slow hash, else at once.
using JudgeCode = std::move_only_function<void(std::shared_ptr<const engine::OtpEvidence>)>;
void with_otp_evidence(Services& services, std::optional<engine::OtpEvidence> question,
                       const std::optional<Holder>& slow, JudgeCode judge);

// Asks the servers. then is called on the loop's thread, with the answer if one came.
void ask_servers(Services& services, engine::OtpEvidence question, JudgeCode then);

}  // namespace countersign::routes
