// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/code.h"
#include "core/engine/otp_elsewhere.h"
#include "daemon/routes/services.h"

namespace countersign::routes {

// What its servers have to be asked before this code is judged: a YubiKey typed it that was programmed elsewhere. Nothing: they are not asked.
// user: whose it is to be; none: whoever's.
[[nodiscard]] std::optional<engine::OtpEvidence> otp_question(Services& services, const std::optional<std::string>& user, const TypedCode& code);

// Asks; then is called on the loop's thread, with the answer if one came.
void ask_servers(Services& services, engine::OtpEvidence question, std::move_only_function<void(std::shared_ptr<const engine::OtpEvidence>)> then);

}  // namespace countersign::routes
