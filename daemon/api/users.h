// SPDX-License-Identifier: Apache-2.0
// /v1/users: who signs in, one or a thousand.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/user.h"
#include "daemon/api/codec/field.h"

namespace countersign::api {

// Requests with a member "user" mean a user by it; those whose "name" does say so by is_user
// (http/names.h).
struct UserName {
  static constexpr bool is_user = true;
  std::string name;
  static Fields fields() {
    return {Field{"name", &UserName::name,
                  "Name of the user, or login:NAME, the user with that account on this host",
                  longest_user}};
  }
};

struct UserCreate {
  std::string name;
  std::optional<std::string> display_name, audience, location, phone, email, login;
  std::optional<Role> role;
  std::optional<std::string> service_account = {};
  static Fields fields() {
    return {Field{"name", &UserCreate::name, "Unique name, as people type it"},
            Field{"display_name", &UserCreate::display_name, "The user's full name"},
            Field{"audience", &UserCreate::audience,
                  "Whose policy applies: staff (default), client, ..."},
            Field{"location", &UserCreate::location, "Where the user works"},
            Field{"phone", &UserCreate::phone, "International form: +491701234567"},
            Field{"email", &UserCreate::email, "Address for notices and codes"},
            Field{"login", &UserCreate::login,
                  "Account on this host; kept by the name that the system has for it", 256},
            Field{"role", &UserCreate::role, "What the user may do here"},
            Field{"service_account", &UserCreate::service_account,
                  "An account that is no person: uids and services it gets in from and for, like "
                  "990|backup,sync"}};
  }
};

struct UserSet {
  static constexpr bool is_user = true;
  std::string name;
  std::optional<std::string> display_name, audience, location, phone, email, login;
  std::optional<Role> role;
  std::optional<bool> suspended;
  std::optional<std::string> service_account, rename;
  static Fields fields() {
    return {
        Field{"name", &UserSet::name, "Name of the user", longest_user},
        Field{"display_name", &UserSet::display_name, "The user's full name"},
        Field{"audience", &UserSet::audience, "Whose policy applies"},
        Field{"location", &UserSet::location, "Where the user works"},
        Field{"phone", &UserSet::phone, "International form, or empty"},
        Field{"email", &UserSet::email, "Address, or empty"},
        Field{"login", &UserSet::login,
              "Account on this host, kept by the name that the system has for it; or empty", 256},
        Field{"role", &UserSet::role, "What the user may do here"},
        Field{"suspended", &UserSet::suspended, "Suspended users are denied everywhere"},
        Field{"service_account", &UserSet::service_account,
              "An account that is no person: uids and services it gets in from and for, like "
              "990|backup,sync; empty: a person"},
        Field{"rename", &UserSet::rename, "Another name from now on", 128}};
  }
};

struct UserView {
  std::string name, id, display_name, audience, location, phone, email;
  Role role = Role::user;
  std::string login;
  bool suspended = false;
  Time created{};
  std::optional<int> factors;
  std::optional<int> factors_ever;
  std::optional<Time> skipped;
  std::optional<std::string> service_account;
  static Fields fields() {
    return {Field{"name", &UserView::name, "Unique name"},
            Field{"id", &UserView::id, "Id, for good"},
            Field{"display_name", &UserView::display_name, "The user's full name"},
            Field{"audience", &UserView::audience, "Whose policy applies"},
            Field{"location", &UserView::location, "Where the user works"},
            Field{"phone", &UserView::phone, "Phone number"},
            Field{"email", &UserView::email, "E-mail address"},
            Field{"role", &UserView::role, "What the user may do here"},
            Field{"login", &UserView::login, "Unix name on this host"},
            Field{"suspended", &UserView::suspended, "Denied everywhere"},
            Field{"created", &UserView::created, "When it was added"},
            Field{"factors", &UserView::factors, "How many authenticators can be used now"},
            Field{"factors_ever", &UserView::factors_ever,
                  "How many there ever were: who had one is not 'without'"},
            Field{"skipped", &UserView::skipped, "When the user chose to go on without a factor"},
            Field{"service_account", &UserView::service_account,
                  "No person: exempt for these callers and services"}};
  }
};

struct UserQuery {
  std::optional<std::string> after, location, audience;
  std::optional<bool> without_factor;
  std::optional<int> limit;
  std::optional<Role> role;
  std::optional<bool> service_accounts;
  std::optional<std::string> search;
  static Fields fields() {
    return {Field{"after", &UserQuery::after,
                  "Names greater than this: the last one of the page before"},
            Field{"location", &UserQuery::location, "Only of this location"},
            Field{"audience", &UserQuery::audience, "Only of this audience"},
            Field{"without_factor", &UserQuery::without_factor,
                  "Only those with no usable authenticator; service accounts are left out unless "
                  "asked for"},
            Field{"limit", &UserQuery::limit, "At most so many, 1 to 1000"},
            Field{"role", &UserQuery::role, "Only with this role: helpdesk, auditor or admin"},
            Field{"service_accounts", &UserQuery::service_accounts,
                  "true: only service accounts; false: none of them"},
            Field{"search", &UserQuery::search,
                  "Only with this in name, display name, login, e-mail or phone; upper and lower "
                  "case are the same",
                  128}};
  }
};

struct UserPage {
  std::vector<UserView> users;
  std::optional<std::string> next;
  static Fields fields() {
    return {Field{"users", &UserPage::users, "In order of name"},
            Field{"next", &UserPage::next, "Value of 'after' for the next page, if any"}};
  }
};

struct UserReset {
  std::string user;
  int revoked = 0;
  static Fields fields() {
    return {Field{"user", &UserReset::user, "Name"},
            Field{"revoked", &UserReset::revoked, "How many authenticators were revoked"}};
  }
};

struct UserBatch {
  std::vector<UserCreate> users;
  std::optional<bool> dry_run, partial;
  std::optional<std::string> permit;
  static Fields fields() {
    return {Field{"users", &UserBatch::users, "The rows", 1024},
            Field{"dry_run", &UserBatch::dry_run, "Only say what would be refused"},
            Field{"partial", &UserBatch::partial, "Take the good rows also when some are refused"},
            Field{"permit", &UserBatch::permit,
                  "A permit that has this batch's digest on its list (POST /v1/permits)", 64}};
  }
};

struct RowRefused {
  std::size_t row = 0;
  std::string reason;
  static Fields fields() {
    return {Field{"row", &RowRefused::row, "Index into the request, from 0"},
            Field{"reason", &RowRefused::reason, "Why"}};
  }
};

struct BatchResult {
  std::size_t accepted = 0;
  std::vector<RowRefused> refused;
  std::optional<std::string> digest;
  static Fields fields() {
    return {Field{"accepted", &BatchResult::accepted, "How many rows were taken, or would be"},
            Field{"refused", &BatchResult::refused, "The others"},
            Field{"digest", &BatchResult::digest,
                  "Of a dry run that would need a fresh verification: what a permit's list names "
                  "this batch by"}};
  }
};

}  // namespace countersign::api
