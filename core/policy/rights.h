// SPDX-License-Identifier: Apache-2.0
// Who may change what, and on what each change has to rest: one table for every route (T41, T48,
// T53). core/rights.cpp is meant to be read.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/enum_names.h"
#include "core/user.h"

namespace countersign {

// What is changed. A row of the rights table each; its name begins the text of the change that a
// fresh verification is bound to.
enum class Deed {
  user_add,       // name, display name and location: what grants nothing
  user_admit,     // a new user with a role, audience, login, phone or e-mail
  user_describe,  // display name, location
  user_set,       // role, audience, login, service account, phone or e-mail
  user_suspend,
  user_resume,
  user_reset,
  user_reopen,
  user_unskip,
  authenticator_bind,
  authenticator_confirm,
  authenticator_label,
  authenticator_suspend,
  authenticator_resume,
  authenticator_revoke,
  authenticator_renew,
  authenticator_export,
  temporary_code,
  import_tokens,
  permit,
  card_reveal,
  policy_tighten,
  policy_set,  // one that loosens, or forgets
  attestation_set,
  machine_block,
  machine_forget,
  machine_forget_all,
  machine_recognize,
  bootstrap_close,
};
template <>
inline constexpr auto enum_names<Deed> = std::to_array<EnumName<Deed>>({
    {Deed::user_add, "user.add"},
    {Deed::user_admit, "user.admit"},
    {Deed::user_describe, "user.describe"},
    {Deed::user_set, "user.set"},
    {Deed::user_suspend, "user.suspend"},
    {Deed::user_resume, "user.resume"},
    {Deed::user_reset, "user.reset"},
    {Deed::user_reopen, "user.reopen"},
    {Deed::user_unskip, "user.unskip"},
    {Deed::authenticator_bind, "authenticator.bind"},
    {Deed::authenticator_confirm, "authenticator.confirm"},
    {Deed::authenticator_label, "authenticator.label"},
    {Deed::authenticator_suspend, "authenticator.suspend"},
    {Deed::authenticator_resume, "authenticator.resume"},
    {Deed::authenticator_revoke, "authenticator.revoke"},
    {Deed::authenticator_renew, "authenticator.renew"},
    {Deed::authenticator_export, "authenticator.export"},
    {Deed::temporary_code, "temporary-code"},
    {Deed::import_tokens, "import.tokens"},
    {Deed::permit, "permit"},
    {Deed::card_reveal, "card.reveal"},
    {Deed::policy_tighten, "policy.tighten"},
    {Deed::policy_set, "policy.set"},
    {Deed::attestation_set, "attestation.set"},
    {Deed::machine_block, "machine.block"},
    {Deed::machine_forget, "machine.forget"},
    {Deed::machine_forget_all, "machine.forget-all"},
    {Deed::machine_recognize, "machine.recognize"},
    {Deed::bootstrap_close, "bootstrap.close"},
});

enum class Needs {
  never,    // this one may not
  nothing,  // may, as they are
  fresh,    // may, by a fresh verification for exactly this change
};

struct Right {
  Deed deed;
  Needs oneself;   // the user whom the change concerns, about themselves
  Needs helpdesk;  // the helpdesk, about somebody who has no role
  Needs admin;     // an administrator, about anybody, themselves included
};
[[nodiscard]] const Right& right(Deed deed);

// Who asks.
struct Actor {
  std::string
      user;  // by their login; empty: an administrator by group or as root, who is no user here
  bool helpdesk = false;
  bool admin = false;
  bool root = false;  // root, or the uid that a private daemon runs as
};

// What the table asks of this actor for a change that concerns this user (null: nobody in
// particular). An administrator acts as one, also about themselves; where the user concerned has a
// role, the helpdesk may do nothing that needs a fresh verification.
[[nodiscard]] Needs needed(Deed deed, const Actor& actor, const User* concerned);

// The change in words of ours, the same for the same change: "user.set alice role=admin
// phone=%2B491701234567". Its digest is what a fresh verification is bound to, so everything that
// matters of the change has to be in it.
using ChangeParts = std::vector<std::pair<std::string_view, std::string>>;
[[nodiscard]] std::string change_text(Deed deed, std::string_view subject,
                                      const ChangeParts& parts = {});

}  // namespace countersign
