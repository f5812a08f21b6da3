// SPDX-License-Identifier: Apache-2.0
// The phone number and e-mail address on file: where codes go, and who is told when they change.
#pragma once

#include <string>
#include <string_view>

#include "core/audit.h"
#include "core/base/time.h"
#include "core/engine/context.h"

namespace countersign::engine {

// Whether an administrator, or its owner, has suspended it as an authenticator: then the number on
// file counts no more than it.
[[nodiscard]] bool stopped(const UserRecord& record, Kind kind);

// The phone number or e-mail address on file; empty: none.
[[nodiscard]] const std::string& recipient_of(const User& user, Kind kind);
[[nodiscard]] std::string masked(Kind kind, std::string_view recipient);
// "phone number" or "e-mail address".
[[nodiscard]] std::string_view recipient_word(Kind kind);

// An event about a changed address or number tells the old one (T48): it carries it, sealed, as the
// detail "notify" or "notify_sms". Contact data itself stays out of the record.
void note_old_address(Context& context, audit::Event& event, const User& before, const User& after);
// The same of what is on file now, so that whoever changes it before the notice leaves does not get
// it (E5).
void note_address(Context& context, audit::Event& event, const User& user);
// The address or number in such a detail; empty when it can't be opened (any more).
[[nodiscard]] std::string old_address(Context& context, std::string_view detail);

// For change_user: authenticators whose number or address is no longer the one on file end with it
// (T48).
void end_old_recipients(Change& change, const UserRecord& before, const User& after, Time now);

}  // namespace countersign::engine
