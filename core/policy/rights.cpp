// SPDX-License-Identifier: Apache-2.0
#include "core/policy/rights.h"

#include <algorithm>

#include "core/encoding/percent.h"

namespace countersign {
namespace {

constexpr auto never = Needs::never, nothing = Needs::nothing, fresh = Needs::fresh;

// What takes something away from a thief needs nothing more; what gives something needs a fresh
// verification.
constexpr std::array table = {
    //    what is changed                oneself   helpdesk  administrator
    Right{Deed::user_add, never, never, nothing},
    Right{Deed::user_admit, never, never, fresh},
    Right{Deed::user_describe, never, never, nothing},
    Right{Deed::user_set, never, never, fresh},
    Right{Deed::user_suspend, never, never, nothing},
    Right{Deed::user_resume, never, never, fresh},
    Right{Deed::user_reset, never, fresh, fresh},
    Right{Deed::user_reopen, never, fresh, fresh},  // it gives a guesser ten more tries
    Right{Deed::user_unskip, nothing, nothing, nothing},
    Right{Deed::authenticator_bind, fresh, never, fresh},
    Right{Deed::authenticator_confirm, never, never, fresh},
    Right{Deed::authenticator_label, nothing, nothing, nothing},
    Right{Deed::authenticator_suspend, nothing, nothing, nothing},  // "I lost my phone"
    Right{Deed::authenticator_resume, fresh, fresh, fresh},
    Right{Deed::authenticator_revoke, fresh, fresh, fresh},
    Right{Deed::authenticator_renew, never, never, fresh},
    Right{Deed::authenticator_export, never, never, fresh},
    Right{Deed::temporary_code, never, fresh, fresh},
    Right{Deed::import_tokens, never, never, fresh},
    Right{Deed::permit, never, never, fresh},
    Right{Deed::card_reveal, never, never, fresh},
    Right{Deed::policy_tighten, never, never, nothing},
    Right{Deed::policy_set, never, never, fresh},
    Right{Deed::attestation_set, never, never, fresh},
    Right{Deed::machine_block, never, nothing, nothing},
    Right{Deed::machine_forget, never, fresh, fresh},  // it ends a block, too
    Right{Deed::machine_forget_all, never, never, fresh},
    Right{Deed::machine_recognize, never, never, fresh},
    Right{Deed::bootstrap_close, never, never, fresh},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (static_cast<std::size_t>(table[i].deed) != i || enum_names<Deed>[i].value != table[i].deed)
      return false;
  return table.size() == enum_names<Deed>.size();
}
static_assert(in_order(), "each deed has its row and its name, in the enum's order");

}  // namespace

const Right& right(Deed deed) { return table[static_cast<std::size_t>(deed)]; }

Needs needed(Deed deed, const Actor& actor, const User* concerned) {
  const Right& row = right(deed);
  if (actor.admin) return row.admin;
  const bool oneself = concerned != nullptr && !actor.user.empty() && actor.user == concerned->name;
  const bool has_role = concerned != nullptr && concerned->role != Role::user;
  Needs needs = oneself ? row.oneself : Needs::never;
  if (actor.helpdesk && !has_role && (needs == Needs::never || row.helpdesk == Needs::nothing))
    needs = row.helpdesk;
  return needs;
}

std::string change_text(Deed deed, std::string_view subject, const ChangeParts& parts) {
  std::string text(to_name(deed));
  if (!subject.empty()) {
    text += ' ';
    formats::append_percent_encoded(text, subject);
  }
  for (const auto& [key, value] : parts) {
    text.append(" ").append(key).append("=");
    formats::append_percent_encoded(text, value);
  }
  return text;
}

}  // namespace countersign
