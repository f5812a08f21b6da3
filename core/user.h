// SPDX-License-Identifier: Apache-2.0
// An account that signs in.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/enum_names.h"
#include "core/base/id.h"
#include "core/base/result.h"
#include "core/base/time.h"

namespace countersign {

// How often a stored thing has been written; a Change names the generation it relies on. 0: not
// stored yet.
using Generation = std::int64_t;

enum class Role { user, helpdesk, auditor, admin };

template <>
inline constexpr auto enum_names<Role> =
    std::to_array<EnumName<Role>>({{Role::user, "user"},
                                   {Role::helpdesk, "helpdesk"},
                                   {Role::auditor, "auditor"},
                                   {Role::admin, "admin"}});

// An account that is no person (an integration, a script): it answers no factor, and gets in only
// from these callers and for these services. Both lists have to name what comes.
struct ServiceAccount {
  std::vector<std::uint32_t> callers = {};  // uids that may sign it in
  std::vector<std::string> services = {};
  bool operator==(const ServiceAccount&) const = default;
};
// "uid,uid|service,service"; empty for none. What the database and the command line have.
[[nodiscard]] std::string to_text(const std::optional<ServiceAccount>& account);
[[nodiscard]] Result<std::optional<ServiceAccount>> service_account_from_text(
    std::string_view text);

inline constexpr std::size_t longest_name = 128, longest_login = 256;  // octets

struct User {
  UserId id;
  Generation generation = 0;
  std::string name;          // unique, also without regard to case (fold.h); what people type
  std::string display_name;  // may be empty, as all below
  std::string audience = "staff";
  std::string location;
  std::string phone;  // E.164: "+" and 7 to 15 digits
  std::string email;
  Role role = Role::user;
  std::string login;  // unique if not empty: the account on this host, by the name that NSS has for
                      // it; set by administrators only
  bool suspended = false;
  Time created{};
  Time skipped{};   // when the user chose to go on without a factor; the epoch: did not
  Time admitted{};  // authenticators that had ended by then no longer say that the user had one
                    // (decide.h)
  std::optional<ServiceAccount> service_account = {};

  bool operator==(const User&) const = default;
};

// Refuses what no user may carry: a bad name or login, control or bidirectional characters,
// over-long or malformed fields. The message names field and rule.
[[nodiscard]] Result<void> validate(const User& user);

}  // namespace countersign
