// SPDX-License-Identifier: Apache-2.0
#include "cli/local/doctor_rights.h"

#include <fmt/format.h>

#include "cli/pages.h"
#include "core/base/text.h"
#include "core/basis.h"
#include "daemon/api/authenticators.h"
#include "daemon/api/status.h"
#include "daemon/api/users.h"

namespace countersign::cli {
namespace {

Finding bootstrap(const api::StatusView& status) {
  if (status.bootstrap == "closed")
    return {"bootstrap", true,
            "over: changes that give somebody something need a fresh verification", ""};
  return {.check = "bootstrap",
          .good = status.store == "demo",
          .detail =
              "still on: until an administrator has a factor, whoever administers may change "
              "everything without verifying",
          .mend =
              "countersign user add NAME --role admin, then countersign enroll fido2 --user NAME; "
              "where administrators are a group: countersign bootstrap close --as NAME",
          .note = true};
}

void look_at(const api::AuthenticatorView& each, std::vector<Finding>& findings) {
  if (each.status != Status::active || each.kind == Kind::temporary_code) return;
  const auto basis = Basis::from_text(each.basis);
  if (!basis || (basis->serves() && *basis != Basis::before_upgrade())) return;
  const bool serves = basis->serves();
  findings.push_back(
      {"authenticators", false,
       fmt::format(
           "{} of {} ({}): {}", to_name(each.kind), escape_text(each.user), each.id,
           serves ? "bound before the store kept what a binding rested on; it counts for fresh "
                    "verifications"
                  : fmt::format("its basis is {}, so it does not count for fresh verifications yet",
                                each.basis.empty() ? "not known" : escape_text(each.basis))),
       fmt::format("if it really is theirs: countersign authenticator confirm {0} --as NAME; else: "
                   "countersign authenticator revoke {0} --as NAME",
                   each.id)});
}

}  // namespace

void check_rights(Front& front, const api::StatusView& status, std::vector<Finding>& findings) {
  findings.push_back(bootstrap(status));
  for (const Role role : {Role::admin, Role::helpdesk, Role::auditor}) {
    Query query;
    query.add("role", std::string(to_name(role)));
    std::vector<std::string> people;
    const auto listed = walk_pages<api::UserPage, api::UserView>(
        front, "/v1/users", query, &api::UserPage::users,
        [&](const api::UserView& user) { people.push_back(user.name); });
    if (!listed) return;
    for (const std::string& user : people) {
      Query own;
      own.add("user", user);
      (void)walk_pages<api::AuthenticatorPage, api::AuthenticatorView>(
          front, "/v1/authenticators", own, &api::AuthenticatorPage::authenticators,
          [&](const api::AuthenticatorView& each) { look_at(each, findings); });
    }
  }
}

}  // namespace countersign::cli
