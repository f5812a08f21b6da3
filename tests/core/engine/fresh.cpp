// SPDX-License-Identifier: Apache-2.0
// A fresh verification is judged when it is used, by what its owner is then (T53).
#include "core/engine/grounds/fresh.h"

#include "tests/core/engine/fixture.h"

using namespace countersign;

namespace {

struct Fixture : test::EngineFixture {
  Caller alice{.uid = 1000, .pid = 1, .service = {}};

  Bound bind_on(Basis basis, bool first) {
    Bound bound;
    engine::begin_enrollment(context,
                             {.caller = admin,
                              .user = "alice",
                              .kind = Kind::totp,
                              .label = {},
                              .serial = {},
                              .secret = {},
                              .confirm = false,
                              .grounds = {.basis = std::move(basis), .by = {}, .first = first}},
                             [&](Result<engine::Enrollment> enrolled) {
                               BOOST_TEST_REQUIRE(enrolled.has_value());
                               bound = {enrolled->id, std::move(enrolled->secret), enrolled->oath};
                             });
    return bound;
  }
  void become(Role role) {
    engine::UserChange change;
    change.role = role;
    engine::change_user(
        context, admin, "alice", std::move(change),
        [](const Result<User>& changed) { BOOST_TEST_REQUIRE(changed.has_value()); });
  }
  Result<Basis> use(const std::string& id, const std::string& change = "a change") {
    return engine::rest_on(context, {.caller = alice,
                                     .actor = {.user = "alice", .admin = true},
                                     .deed = Deed::user_set,
                                     .change = change,
                                     .concerned = {},
                                     .id = id});
  }
  std::string held(const Bound& phone) {
    const auto fresh = engine::hold_fresh(context, alice, "alice",
                                          verify("alice", totp_code(phone), 1000), "a change");
    BOOST_TEST_REQUIRE(fresh.has_value());
    return fresh->id;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(fresh, Fixture)

BOOST_AUTO_TEST_CASE(T53_who_got_a_role_meanwhile_needs_an_authenticator_that_serves) {
  add_user("alice");
  const Bound phone = bind_on(Basis::first_factor(), true);  // nobody vouched for alice
  const std::string id = held(phone);
  become(Role::admin);
  const auto used = use(id);
  BOOST_TEST_REQUIRE(!used.has_value());
  BOOST_TEST((used.error().code == Code::not_permitted));
  BOOST_TEST(used.error().what.contains("does not count"), used.error().what);
}

BOOST_AUTO_TEST_CASE(T53_an_authenticator_that_serves_does_so_for_whoever_got_a_role_meanwhile) {
  add_user("alice");
  const Bound phone = bind_on(Basis::bootstrap(), false);
  const std::string id = held(phone);
  become(Role::admin);
  const auto used = use(id);
  BOOST_TEST(used.has_value(), (used ? "" : used.error().what));
}

// Good for one change, once: whoever tries it on another has used it up.
BOOST_AUTO_TEST_CASE(T41_a_fresh_verification_for_another_change_is_refused) {
  add_user("alice");
  const Bound phone = bind_on(Basis::bootstrap(), false);
  become(Role::admin);
  const std::string id = held(phone);
  const auto other = use(id, "another change");
  BOOST_TEST_REQUIRE(!other.has_value());
  BOOST_TEST((other.error().code == Code::not_permitted));
  BOOST_TEST(!use(id).has_value());
}

// Who lost the role between the verification and the change has it no more.
BOOST_AUTO_TEST_CASE(T41_who_is_no_administrator_any_more_verifies_for_nobody_else) {
  add_user("alice");
  const Bound phone = bind_on(Basis::bootstrap(), false);
  become(Role::admin);
  const std::string id = held(phone);
  become(Role::user);
  const auto used = engine::rest_on(context, {.caller = alice,
                                              .actor = {.user = "", .admin = true},
                                              .deed = Deed::user_set,
                                              .change = "a change",
                                              .concerned = {},
                                              .id = id});
  BOOST_TEST(!used.has_value());
}

BOOST_AUTO_TEST_SUITE_END()
