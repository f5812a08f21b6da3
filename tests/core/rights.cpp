// SPDX-License-Identifier: Apache-2.0
#include "core/policy/rights.h"

#include <boost/test/unit_test.hpp>

#include "core/basis.h"

using namespace countersign;

namespace {

const Actor nobody_special{.user = "alice"};
const Actor helpdesk{.user = "help", .helpdesk = true};
const Actor admin{.user = "boss", .admin = true};

User user_with(const std::string& name, Role role = Role::user) {
  return {.name = name, .role = role};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rights)

BOOST_AUTO_TEST_CASE(T53_what_gives_something_needs_a_fresh_verification_by_whoever_does_it) {
  const User alice = user_with("alice");
  for (const Deed deed : {Deed::user_admit,
                          Deed::user_set,
                          Deed::user_resume,
                          Deed::user_reset,
                          Deed::user_reopen,
                          Deed::authenticator_bind,
                          Deed::authenticator_confirm,
                          Deed::authenticator_resume,
                          Deed::authenticator_revoke,
                          Deed::temporary_code,
                          Deed::import_tokens,
                          Deed::permit,
                          Deed::card_reveal,
                          Deed::policy_set,
                          Deed::machine_forget,
                          Deed::machine_forget_all,
                          Deed::machine_recognize,
                          Deed::bootstrap_close,
                          Deed::authenticator_export,
                          Deed::attestation_set})
    BOOST_TEST((needed(deed, admin, &alice) == Needs::fresh), to_name(deed));
  // Of the row of each deed some cell is no refusal, and no deed is freer for the helpdesk than for
  // an administrator.
  for (const auto& [deed, name] : enum_names<Deed>) {
    const Right& row = right(deed);
    BOOST_TEST((row.admin != Needs::never), name);
    BOOST_TEST(!(row.helpdesk == Needs::nothing && row.admin == Needs::fresh), name);
  }
}

BOOST_AUTO_TEST_CASE(T53_the_helpdesk_may_nothing_grave_about_somebody_with_a_role) {
  for (const Role role : {Role::helpdesk, Role::auditor, Role::admin}) {
    const User colleague = user_with("bob", role);
    const User oneself = user_with("help", role);
    for (const auto& [deed, name] : enum_names<Deed>) {
      BOOST_TEST((needed(deed, helpdesk, &colleague) == Needs::never), name);
      BOOST_TEST((needed(deed, helpdesk, &oneself) == right(deed).oneself), name);
    }
  }
  const User alice = user_with("alice");
  BOOST_TEST((needed(Deed::user_reset, helpdesk, &alice) == Needs::fresh));
  BOOST_TEST((needed(Deed::user_set, helpdesk, &alice) == Needs::never));
}

BOOST_AUTO_TEST_CASE(users_act_for_themselves_alone) {
  const User alice = user_with("alice");
  const User bob = user_with("bob");
  BOOST_TEST((needed(Deed::authenticator_suspend, nobody_special, &alice) == Needs::nothing));
  BOOST_TEST((needed(Deed::authenticator_revoke, nobody_special, &alice) == Needs::fresh));
  for (const auto& [deed, name] : enum_names<Deed>) {
    BOOST_TEST((needed(deed, nobody_special, &bob) == Needs::never), name);
    BOOST_TEST((needed(deed, nobody_special, nullptr) == Needs::never), name);
    BOOST_TEST((needed(deed, Actor{}, &alice) == Needs::never), name);
  }
}

BOOST_AUTO_TEST_CASE(a_change_has_one_text_and_no_two_changes_have_the_same) {
  BOOST_TEST(change_text(Deed::user_reset, "alice") == "user.reset alice");
  BOOST_TEST(change_text(Deed::machine_forget_all, "") == "machine.forget-all");
  BOOST_TEST(change_text(Deed::user_set, "alice", {{"phone", "+491701234567"}}) ==
             "user.set alice phone=%2B491701234567");
  BOOST_TEST(change_text(Deed::user_set, "alice role=admin") !=
             change_text(Deed::user_set, "alice", {{"role", "admin"}}));
}

BOOST_AUTO_TEST_CASE(T53_only_some_bases_serve) {
  for (const Basis& basis : {Basis::bootstrap(), Basis::fresh("boss"), Basis::verified_sign_in(),
                             Basis::root_recovery(), Basis::before_upgrade()}) {
    BOOST_TEST(basis.serves(), basis.text());
    BOOST_TEST((Basis::from_text(basis.text()) == basis));
  }
  for (const Basis& basis : {Basis(), Basis::first_factor(), Basis::source("directory")}) {
    BOOST_TEST(!basis.serves(), basis.text());
    BOOST_TEST((Basis::from_text(basis.text()) == basis));
  }
  for (const char* text : {"fresh:", "source:", "bootstrap ", "anything"})
    BOOST_TEST(!Basis::from_text(text).has_value(), text);
}

BOOST_AUTO_TEST_SUITE_END()
