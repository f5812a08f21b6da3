// SPDX-License-Identifier: Apache-2.0
// What administrators do with users.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/caller.h"
#include "core/engine/context.h"
#include "core/engine/grounds/permits.h"

namespace countersign::engine {

// What grants nothing by itself: name, display name and location. False for a new user with
// anything else.
[[nodiscard]] bool plain(const User& user);
// exists when name (without regard to case) or login is taken. The answer is the user as stored.
// basis: what it rests on, for the record.
void add_user(Context& context, Caller caller, User user, Basis basis, Then<User> then);

// What is set, changes; the rest stays.
struct UserChange {
  std::optional<std::string> display_name, audience, location, phone, email, login;
  std::optional<Role> role;
  std::optional<bool> suspended;
  std::optional<std::optional<ServiceAccount>> service_account = {};
  std::optional<std::string> name = {};  // another one from now on
  Basis basis = {};                      // what it rests on, for the record
};
void change_user(Context& context, Caller caller, std::string name, UserChange wanted,
                 Then<User> then);

// Revokes each of the user's authenticators, forgets the failures and a remembered skip, and admits
// the user to enroll again; the answer is how many were revoked. basis: as above.
void reset_user(Context& context, Caller caller, std::string name, Basis basis, Then<int> then);

// "Enable MFA": forgets that the user chose to skip.
void unskip_user(Context& context, Caller caller, std::string name, Then<std::monostate> then);

// The helpdesk's way out of the throttle.
void reopen_user(Context& context, Caller caller, std::string name, Basis basis,
                 Then<std::monostate> then);

// Many at once, in one transaction: all or none. Refused rows are named by their index; with
// dry_run, or when any is refused and not partial, nothing is written.
struct AddUsers {
  Caller caller;
  std::vector<User> users;
  bool dry_run = false;
  bool partial = false;
  Basis basis = {};
  std::optional<PermitUse> permit = {};  // used up in the same commit, and what it then rests on
};
struct RowRefused {
  std::size_t row = 0;  // index into the request
  std::string reason;
};
struct AddedUsers {
  std::size_t added = 0;  // or that would be, in a dry run
  std::vector<RowRefused> refused;
};
void add_users(Context& context, AddUsers request, Then<AddedUsers> then);

}  // namespace countersign::engine
