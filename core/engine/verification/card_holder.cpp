// SPDX-License-Identifier: Apache-2.0
#include "core/engine/verification/card_holder.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/text.h"

namespace countersign::engine {
namespace {

// Of what the certificate says, what the policy goes by.
const std::vector<std::string>& names_that_count(const CardRules& rules,
                                                 const certificates::Names& names) {
  static const std::vector<std::string> none;
  switch (rules.identity) {
    case CardIdentity::enrolled_key:
      return none;
    case CardIdentity::principal:
      return names.principals;
    case CardIdentity::email:
      return names.emails;
    case CardIdentity::card_uuid:
      return names.card_uuids;
    case CardIdentity::fasc_n:
      return names.fasc_ns;
  }
  std::unreachable();
}

// The user's name that this name of a certificate means.
std::optional<std::string> user_name_of(const CardRules& rules, const std::string& name) {
  if (rules.identity == CardIdentity::card_uuid || rules.identity == CardIdentity::fasc_n) {
    const auto holder = rules.holders.find(name);
    return holder != rules.holders.end() ? std::optional(holder->second) : std::nullopt;
  }
  if (rules.domain.empty()) return name;
  const std::size_t split = name.rfind('@');
  if (split == std::string::npos || split == 0) return std::nullopt;
  const bool ours = equal_ignoring_case(name.substr(split + 1), rules.domain);
  return ours ? std::optional(name.substr(0, split)) : std::nullopt;
}

}  // namespace

Result<std::shared_ptr<const UserRecord>> holder_named_in(Context& context,
                                                          const certificates::Names& names) {
  const CardRules& rules = context.rules.cards;
  std::shared_ptr<const UserRecord> found;
  for (const std::string& each : names_that_count(rules, names)) {
    const auto name = user_name_of(rules, each);
    if (!name) continue;
    auto record = context.store.user_by_name(*name);
    if (!record && record.error().code != Code::not_found) return record;
    if (!record) continue;
    if (found && found->user.id != (*record)->user.id) return nullptr;
    found = std::move(*record);
  }
  return found;
}

}  // namespace countersign::engine
