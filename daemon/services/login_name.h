// SPDX-License-Identifier: Apache-2.0
// A user named by the Unix name on this host: "login:alice". No user's own name holds a colon.
#pragma once

#include <string>
#include <string_view>

#include "daemon/services/services.h"

namespace countersign::routes {

inline constexpr std::string_view login_prefix = "login:";

// The name of the user whose login that is. A login that is nobody's stays as it is, which is the
// name of no user: it is denied as slowly as any other (T32). So it does when the store can't say.
[[nodiscard]] inline std::string user_named_by(const Services& services, std::string name) {
  if (!name.starts_with(login_prefix) || name.size() == login_prefix.size()) return name;
  const auto record = services.context.store.user_by_login(name.substr(login_prefix.size()));
  return record ? (*record)->user.name : name;
}

}  // namespace countersign::routes
