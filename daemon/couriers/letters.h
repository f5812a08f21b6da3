// SPDX-License-Identifier: Apache-2.0
// What is written to people: the configuration's templates filled in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "core/engine/verification/sending.h"
#include "core/ports/courier.h"
#include "daemon/couriers/settings.h"

namespace countersign::couriers {

[[nodiscard]] Result<Message> code_letter(const engine::CodeToSend& code,
                                          const Templates& templates, const std::string& issuer,
                                          Time now);

// what: one sentence without its full stop, "A new authenticator (totp) was bound to your account".
struct Notice {
  std::string to, user, name, what;
  Time time{};
};
[[nodiscard]] Result<Message> notice_letter(const Notice& notice, const Templates& templates,
                                            const std::string& issuer);
[[nodiscard]] Result<Message> notice_sms(const Notice& notice, const Templates& templates,
                                         const std::string& issuer);  // to a number

// The placeholders that each template may have.
[[nodiscard]] const std::vector<std::string_view>& code_placeholders();
[[nodiscard]] const std::vector<std::string_view>& notice_placeholders();

}  // namespace countersign::couriers
