// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/doorkeeper.h"

#include <algorithm>
#include <utility>

namespace countersign::http {
namespace {

bool in_group(const Peer& peer, std::uint32_t group) { return peer.gid == group || std::ranges::find(peer.groups, group) != peer.groups.end(); }

Result<void> refuse(std::string_view who) { return fail(Code::not_permitted, "this is for " + std::string(who)); }

}  // namespace

Standing Doorkeeper::standing(const Peer& peer) const {
  Standing standing;
  standing.admin = peer.uid == 0 || peer.uid == rules_.own_uid || (rules_.admin_group && in_group(peer, *rules_.admin_group));
  for (const VerifierRule& rule : rules_.verifiers)
    if ((rule.uid && *rule.uid == peer.uid) || (rule.gid && in_group(peer, *rule.gid))) standing.verifier.push_back(&rule);
  if (peer.login.empty()) return standing;
  const auto record = store_.user_by_login(peer.login);
  if (!record || (*record)->user.suspended) return standing;
  standing.user = (*record)->user.name;
  switch ((*record)->user.role) {
    case Role::user: break;
    case Role::helpdesk: standing.helpdesk = true; break;
    case Role::auditor: standing.auditor = true; break;
    case Role::admin: standing.admin = true; break;
  }
  return standing;
}

Result<void> Doorkeeper::admit_primary(const Standing& standing, Primary primary, const std::string& service) {
  if (standing.admin || primary == Primary::none) return {};
  const bool may = std::ranges::any_of(standing.verifier, [&](const VerifierRule* rule) {
    return std::ranges::find(rule->services, service) != rule->services.end() && std::ranges::find(rule->primary, primary) != rule->primary.end();
  });
  return may ? Result<void>() : refuse("verifiers that are configured for this service and this primary method");
}

Result<void> Doorkeeper::admit(const Standing& standing, Privilege privilege, const std::string& subject, const std::string& service) {
  if (standing.admin) return {};
  const bool self = !standing.user.empty() && standing.user == subject;
  switch (privilege) {
    case Privilege::anyone: return {};
    case Privilege::self: return self ? Result<void>() : refuse("the user itself and administrators");
    case Privilege::self_or_helpdesk:
      return self || standing.helpdesk ? Result<void>() : refuse("the user itself, the helpdesk and administrators");
    case Privilege::verify: {
      const bool verifier = std::ranges::any_of(standing.verifier, [&](const VerifierRule* rule) { return std::ranges::find(rule->services, service) != rule->services.end(); });
      return self || verifier ? Result<void>() : refuse("the user itself, and verifiers for the services they are configured for");
    }
    case Privilege::audit: return standing.auditor ? Result<void>() : refuse("auditors and administrators");
    case Privilege::helpdesk: return standing.helpdesk ? Result<void>() : refuse("the helpdesk and administrators");
    case Privilege::admin: return refuse("administrators: root, members of the group countersign-admin, users with the role admin");
  }
  std::unreachable();
}

}  // namespace countersign::http
