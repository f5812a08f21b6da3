// SPDX-License-Identifier: Apache-2.0
// Who may what (core/DESIGN.md, "Who may what"): the one place where a route's privilege is
// enforced.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/enum_names.h"
#include "core/policy/policy.h"
#include "core/ports/store.h"
#include "daemon/http/allowance.h"
#include "daemon/http/peer.h"

namespace countersign::http {

// What a row of the route table asks of its caller.
enum class Privilege {
  anyone,  // whoever can connect
  self,    // the user that the request is about, known by login; or admin
  self_or_helpdesk,
  verify,    // that user, or a verifier for a service it is configured for; or admin
  audit,     // auditors, admin
  helpdesk,  // helpdesk, admin
  admin,
};

}  // namespace countersign::http

template <>
inline constexpr auto countersign::enum_names<countersign::http::Privilege> =
    std::to_array<countersign::EnumName<countersign::http::Privilege>>(
        {{countersign::http::Privilege::anyone, "anyone"},
         {countersign::http::Privilege::self, "self"},
         {countersign::http::Privilege::self_or_helpdesk, "self-or-helpdesk"},
         {countersign::http::Privilege::verify, "verify"},
         {countersign::http::Privilege::audit, "audit"},
         {countersign::http::Privilege::helpdesk, "helpdesk"},
         {countersign::http::Privilege::admin, "admin"}});

namespace countersign::http {

// An application or login service that may verify others, from the configuration.
struct VerifierRule {
  std::string name;
  std::optional<std::uint32_t> uid;
  std::optional<std::uint32_t> gid;
  std::vector<std::string> services;
  std::vector<Primary> primary = {
      Primary::none,
      Primary::password};  // what it may say it has checked; sso has to be named (T47)
  std::vector<std::string> audiences =
      {};  // that its receipts may be for, beside the service itself
};

// What the caller is, at the moment of this request.
struct Standing {
  bool owner = false;  // root, or the daemon's own uid: not by a group or a role
  bool admin = false;
  bool helpdesk = false;
  bool auditor = false;
  std::vector<const VerifierRule*> verifier;
  std::string user;  // the user whose login is the caller's; empty when there is none

  [[nodiscard]] bool verifies_others() const { return admin || !verifier.empty(); }
  [[nodiscard]] bool acts_for_others() const { return verifies_others() || helpdesk || auditor; }
  [[nodiscard]] Share share() const;
};

class Doorkeeper {
 public:
  struct Rules {
    std::uint32_t own_uid;                     // a private daemon's own uid administers
    std::optional<std::uint32_t> admin_group;  // countersign-admin, where it exists
    std::vector<VerifierRule> verifiers;
    Accounts accounts = {};
  };
  Doorkeeper(Store& store, Rules rules) : store_(store), rules_(std::move(rules)) {}

  [[nodiscard]] Standing standing(const Peer& peer) const;
  // Whether the configuration makes this uid or one of its groups a verifier.
  [[nodiscard]] bool verifies(const Peer& peer) const;
  [[nodiscard]] Holder holder(const Peer& peer) const;
  // Counts a request that changes something. exhausted: whoever speaks for themselves has made too
  // many.
  [[nodiscard]] Result<void> count_change(const Peer& peer, const Standing& standing) const;

  // The login by which the store has whoever has this uid; without one, the uid's name. May wait
  // for the network.
  [[nodiscard]] std::string login_of(std::uint32_t uid) const;
  // Puts the user's own name in place of another spelling, or of "login:" and an account on this
  // host, whatever its spelling (T52). A name that is nobody's stays as it is: it is denied as
  // slowly as any other (T32). An error when the store or the system can't say: it is never taken
  // for nobody. ask: where the store does not know the spelling of an account, the system is asked,
  // which may wait for the network.
  [[nodiscard]] Result<void> resolve_user(std::string& user, bool ask = true) const;
  // Whether it would be.
  [[nodiscard]] bool asks_system(const std::string& user) const;
  // Whether whoever has this login administers, whatever their role here: root, the daemon's own
  // uid, a member of the group. True when the system can't say. May wait for the network.
  [[nodiscard]] bool administers(const std::string& login) const;
  // How a user's login is kept: as the system names that account; as it is where the system does
  // not know it. May wait for the network.
  [[nodiscard]] Result<std::string> account_name(std::string login) const;

  // subject: the user that the request is about; service: the one it asks for. not_permitted
  // otherwise, in words that do not depend on whether that user exists. What a sign-in claims:
  // which primary method its caller has checked (who verifies only itself has checked none), for
  // whom it is, and the audience of its receipt (empty: the service). Root, the daemon's own uid
  // and the configuration say so, no group and no role (T47).
  struct Claims {
    Primary primary = Primary::none;
    std::string_view user, service, audience;
  };
  // Whether the sign-in's allow brings a receipt: for root, the daemon's own uid, and verifiers of
  // that service. Who signs in only themselves could else make one for any application, by naming
  // it as the service.
  [[nodiscard]] static bool gets_receipt(const Standing& standing, const std::string& service);
  [[nodiscard]] static Result<void> admit_claims(const Standing& standing, const Claims& claims);
  [[nodiscard]] static Result<void> admit(const Standing& standing, Privilege privilege,
                                          const std::string& subject, const std::string& service);

 private:
  [[nodiscard]] std::vector<const VerifierRule*> rules_for(const Peer& peer) const;
  // Null: nobody's.
  [[nodiscard]] Result<std::shared_ptr<const UserRecord>> user_of(const Account& account) const;

  Store& store_;
  Rules rules_;
  mutable Allowance changes_;
};

}  // namespace countersign::http
