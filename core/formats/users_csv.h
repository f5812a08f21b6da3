// SPDX-License-Identifier: Apache-2.0
// Users from CSV with a header; columns in any order:
//   name (required), display_name, audience (staff by default), location, phone, email, role (user
//   by default), login
// Other columns are passed over and named in the tally.
#pragma once

#include "core/formats/sink.h"
#include "core/user.h"

namespace countersign::formats {

struct UserRecord {
  std::size_t line = 0;
  User user;  // valid; id, generation and times are not set
};

using UserSink = Sink<UserRecord>;

// Fails as import_oath_csv does.
[[nodiscard]] Result<void> import_users_csv(const Source& source, UserSink& sink, Tally& tally);

}  // namespace countersign::formats
