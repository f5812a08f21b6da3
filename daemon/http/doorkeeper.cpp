// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/doorkeeper.h"

#include <algorithm>
#include <utility>

namespace countersign::http {
namespace {

bool in_group(const Peer& peer, std::uint32_t group) {
  return peer.gid == group || std::ranges::find(peer.groups, group) != peer.groups.end();
}

constexpr std::string_view login_prefix = "login:";

// The account in "login:alice"; empty: it names a user otherwise.
std::string login_in(const std::string& user) {
  return user.starts_with(login_prefix) ? user.substr(login_prefix.size()) : std::string();
}

// Null when there is none; what else went wrong stays an error.
Result<std::shared_ptr<const UserRecord>> found_or_none(
    Result<std::shared_ptr<const UserRecord>> found) {
  if (!found && found.error().code == Code::not_found) return nullptr;
  return found;
}

Result<void> refuse(std::string_view who) {
  return fail(Code::not_permitted, "this is for " + std::string(who));
}

}  // namespace

Share Standing::share() const {
  if (owner) return Share::root;
  return acts_for_others() ? Share::others : Share::own;
}

Holder Doorkeeper::holder(const Peer& peer) const {
  return {.uid = peer.uid, .share = standing(peer).share()};
}

Result<void> Doorkeeper::count_change(const Peer& peer, const Standing& standing) const {
  if (standing.share() != Share::own || changes_.take(peer.uid)) return {};
  return fail(Code::exhausted,
              "this account has sent too many requests, and each is kept in the record; wait a few "
              "minutes, then send fewer");
}

std::vector<const VerifierRule*> Doorkeeper::rules_for(const Peer& peer) const {
  std::vector<const VerifierRule*> rules;
  for (const VerifierRule& rule : rules_.verifiers)
    if ((rule.uid && *rule.uid == peer.uid) || (rule.gid && in_group(peer, *rule.gid)))
      rules.push_back(&rule);
  return rules;
}

bool Doorkeeper::verifies(const Peer& peer) const { return !rules_for(peer).empty(); }

Standing Doorkeeper::standing(const Peer& peer) const {
  Standing standing;
  standing.owner = peer.uid == 0 || peer.uid == rules_.own_uid;
  standing.admin = standing.owner || (rules_.admin_group && in_group(peer, *rules_.admin_group));
  standing.verifier = rules_for(peer);
  if (peer.login.empty()) return standing;
  const auto record = store_.user_by_login(peer.login);
  if (!record || (*record)->user.suspended) return standing;
  standing.user = (*record)->user.name;
  switch ((*record)->user.role) {
    case Role::user:
      break;
    case Role::helpdesk:
      standing.helpdesk = true;
      break;
    case Role::auditor:
      standing.auditor = true;
      break;
    case Role::admin:
      standing.admin = true;
      break;
  }
  return standing;
}

// By the account's name; else whoever has it in another case, if the system says that it is the
// same account: so it was entered when the system did not know it, or by an earlier version.
Result<std::shared_ptr<const UserRecord>> Doorkeeper::user_of(const Account& account) const {
  auto exact = found_or_none(store_.user_by_login(account.name));
  if (!exact || *exact != nullptr) return exact;
  auto like = found_or_none(store_.user_like_login(account.name));
  if (!like || *like == nullptr) return like;
  const auto same = TRY(rules_.accounts.named((*like)->user.login));
  return same && same->uid == account.uid ? std::move(*like) : nullptr;
}

std::string Doorkeeper::login_of(std::uint32_t uid) const {
  std::string name = rules_.accounts.login_of(uid);
  if (name.empty()) return name;
  const auto user = user_of({.name = name, .uid = uid});
  return user && *user != nullptr ? (*user)->user.login : name;
}

bool Doorkeeper::asks_system(const std::string& user) const {
  const std::string login = login_in(user);
  return !login.empty() && !store_.user_by_login(login);
}

Result<void> Doorkeeper::resolve_user(std::string& user, bool ask) const {
  if (user.empty()) return {};
  const std::string login = login_in(user);
  auto record =
      found_or_none(login.empty() ? store_.user_by_name(user) : store_.user_by_login(login));
  if (record && *record == nullptr && !login.empty() && ask) {
    const auto account = TRY(rules_.accounts.named(login));
    if (account) record = user_of(*account);
  }
  if (!record) return std::unexpected(record.error());
  if (*record != nullptr) user = (*record)->user.name;
  return {};
}

bool Doorkeeper::administers(const std::string& login) const {
  if (login.empty()) return false;
  const auto account = rules_.accounts.named(login);
  if (!account) return true;
  if (!*account) return false;
  const auto uid = (*account)->uid;
  return uid == 0 || uid == rules_.own_uid ||
         (rules_.admin_group && rules_.accounts.in_group((*account)->name, *rules_.admin_group));
}

Result<std::string> Doorkeeper::account_name(std::string login) const {
  if (login.empty()) return login;
  auto account = TRY(rules_.accounts.named(login));
  if (!account) return login;
  const auto user = TRY(user_of(*account));
  if (user != nullptr) return user->user.login;  // whoever has it is named in the refusal
  return std::move(account->name);
}

bool Doorkeeper::gets_receipt(const Standing& standing, const std::string& service) {
  return standing.owner || std::ranges::any_of(standing.verifier, [&](const VerifierRule* rule) {
           return std::ranges::find(rule->services, service) != rule->services.end();
         });
}

Result<void> Doorkeeper::admit_claims(const Standing& standing, const Claims& claims) {
  if (standing.owner) return {};
  const auto some_rule = [&](auto&& allows) {
    return std::ranges::any_of(standing.verifier, [&](const VerifierRule* rule) {
      return std::ranges::find(rule->services, claims.service) != rule->services.end() &&
             allows(*rule);
    });
  };
  const bool self = !standing.user.empty() && standing.user == claims.user;
  if (!self && !some_rule([](const VerifierRule&) { return true; }))
    return refuse("root, and verifiers for the services they are configured for");
  if (claims.primary != Primary::none && !some_rule([&](const VerifierRule& rule) {
        return std::ranges::find(rule.primary, claims.primary) != rule.primary.end();
      }))
    return refuse("verifiers that are configured for this service and this primary method");
  if (claims.audience.empty() || claims.audience == claims.service) return {};
  if (some_rule([&](const VerifierRule& rule) {
        return std::ranges::find(rule.audiences, claims.audience) != rule.audiences.end();
      }))
    return {};
  return refuse(
      "verifiers that are configured for this service and this audience: a receipt is for the "
      "service itself, or for one of their audiences");
}

Result<void> Doorkeeper::admit(const Standing& standing, Privilege privilege,
                               const std::string& subject, const std::string& service) {
  if (standing.admin) return {};
  const bool self = !standing.user.empty() && standing.user == subject;
  switch (privilege) {
    case Privilege::anyone:
      return {};
    case Privilege::self:
      return self ? Result<void>() : refuse("the user itself and administrators");
    case Privilege::self_or_helpdesk:
      return self || standing.helpdesk ? Result<void>()
                                       : refuse("the user itself, the helpdesk and administrators");
    case Privilege::verify: {
      const bool verifier = std::ranges::any_of(standing.verifier, [&](const VerifierRule* rule) {
        return std::ranges::find(rule->services, service) != rule->services.end();
      });
      return self || verifier
                 ? Result<void>()
                 : refuse(
                       "the user itself, and verifiers for the services they are configured for");
    }
    case Privilege::audit:
      return standing.auditor ? Result<void>() : refuse("auditors and administrators");
    case Privilege::helpdesk:
      return standing.helpdesk ? Result<void>() : refuse("the helpdesk and administrators");
    case Privilege::admin:
      return refuse(
          "administrators: root, members of the group countersign-admin, users with the role "
          "admin");
  }
  std::unreachable();
}

}  // namespace countersign::http
