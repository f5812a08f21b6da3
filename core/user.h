// SPDX-License-Identifier: Apache-2.0
// An account that signs in.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "core/enum_names.h"
#include "core/id.h"
#include "core/result.h"

namespace countersign {

// How often a stored thing has been written; a Change names the generation it relies on. 0: not stored yet.
using Generation = std::int64_t;

enum class Role { user, helpdesk, auditor, admin };

template <>
inline constexpr auto enum_names<Role> = std::to_array<EnumName<Role>>({
    {Role::user, "user"}, {Role::helpdesk, "helpdesk"}, {Role::auditor, "auditor"}, {Role::admin, "admin"}});

struct User {
  UserId id;
  Generation generation = 0;
  std::string name;          // unique; what people type
  std::string display_name;  // may be empty, as all below
  std::string audience = "staff";
  std::string location;
  std::string phone;  // E.164: "+" and 7 to 15 digits
  std::string email;
  Role role = Role::user;
  std::string login;  // unique if not empty: the Unix name on this host; set by administrators only
  bool suspended = false;
  Time created{};

  bool operator==(const User&) const = default;
};

// Refuses what no user may carry: a bad name or login, control or bidirectional characters, over-long or
// malformed fields. The message names field and rule.
[[nodiscard]] Result<void> validate(const User& user);

}  // namespace countersign
