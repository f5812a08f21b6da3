// SPDX-License-Identifier: Apache-2.0
// The account behind a typed name, as the system's user database has it (T52).
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "core/base/result.h"

namespace countersign::pam {

struct UnixAccount {
  std::string name;  // of the first entry with this uid
  uid_t uid;
};

// Looks up the uid of the name, then the account of that uid, so that all spellings of an account
// (ALICE, alice@realm, DOMAIN\alice, another name for uid 0) give the same one. Nothing: no such
// account. internal: the database can't be read.
[[nodiscard]] Result<std::optional<UnixAccount>> unix_account(const std::string& typed);

}  // namespace countersign::pam
