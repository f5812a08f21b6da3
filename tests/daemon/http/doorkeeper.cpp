// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/doorkeeper.h"

#include <boost/test/unit_test.hpp>

#include "tests/core/engine/fixture.h"

using namespace countersign;
using http::Doorkeeper;
using http::Peer;
using http::Privilege;

namespace {

constexpr std::uint32_t daemon_uid = 900;
constexpr std::uint32_t admin_group = 901;
constexpr std::uint32_t web_uid = 33;

struct Fixture : test::EngineFixture {
  Doorkeeper doorkeeper{store, {.own_uid = daemon_uid, .admin_group = admin_group, .verifiers = {{.name = "web", .uid = web_uid, .gid = {}, .services = {"web"}}}}};

  void add_with_login(const std::string& name, Role role) {
    engine::add_user(context, admin, User{.name = name, .role = role, .login = name}, Basis::bootstrap(), [](const Result<User>& user) { BOOST_TEST_REQUIRE(user.has_value()); });
  }
  bool may(const Peer& peer, Privilege privilege, const std::string& subject = {}, const std::string& service = {}) {
    return Doorkeeper::admit(doorkeeper.standing(peer), privilege, subject, service).has_value();
  }
};

constexpr Privilege all[] = {Privilege::anyone, Privilege::self, Privilege::self_or_helpdesk, Privilege::verify, Privilege::audit, Privilege::helpdesk, Privilege::admin};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(doorkeeper, Fixture)

BOOST_AUTO_TEST_CASE(T12_administrators_are_root_the_daemons_own_uid_and_the_group) {
  for (const Privilege privilege : all) {
    BOOST_TEST(may({.uid = 0}, privilege, "alice"));
    BOOST_TEST(may({.uid = daemon_uid}, privilege, "alice"));
    BOOST_TEST(may({.uid = 1000, .groups = {7, admin_group}}, privilege, "alice"));
    BOOST_TEST(may({.uid = 1000, .gid = admin_group}, privilege, "alice"));
    BOOST_TEST(may({.uid = 1000, .login = "alice"}, privilege, "bob") == (privilege == Privilege::anyone));
  }
}

BOOST_AUTO_TEST_CASE(T12_everybody_else_acts_for_the_user_of_their_login) {
  add_with_login("alice", Role::user);
  const Peer alice{.uid = 1000, .login = "alice"};
  for (const Privilege privilege : all) {
    const bool own = privilege == Privilege::anyone || privilege == Privilege::self || privilege == Privilege::self_or_helpdesk || privilege == Privilege::verify;
    BOOST_TEST(may(alice, privilege, "alice") == own);
    BOOST_TEST(may(alice, privilege, "bob") == (privilege == Privilege::anyone));
    BOOST_TEST(may(alice, privilege, "") == (privilege == Privilege::anyone));
    BOOST_TEST(may({.uid = 1001}, privilege, "") == (privilege == Privilege::anyone));
  }
}

BOOST_AUTO_TEST_CASE(T12_the_refusal_does_not_tell_whether_a_user_exists) {
  add_with_login("alice", Role::user);
  add_with_login("bob", Role::user);
  const auto standing = doorkeeper.standing({.uid = 1000, .login = "alice"});
  for (const Privilege privilege : all) {
    const auto known = Doorkeeper::admit(standing, privilege, "bob", "");
    const auto unknown = Doorkeeper::admit(standing, privilege, "nobody", "");
    BOOST_TEST((known == unknown));
  }
}

BOOST_AUTO_TEST_CASE(T47_verifiers_are_confined_to_their_services) {
  const Peer web{.uid = web_uid};
  BOOST_TEST(may(web, Privilege::verify, "alice", "web"));
  BOOST_TEST(!may(web, Privilege::verify, "alice", "sudo"));
  BOOST_TEST(!may(web, Privilege::verify, "alice", ""));
  for (const Privilege privilege : {Privilege::self, Privilege::self_or_helpdesk, Privilege::audit, Privilege::helpdesk, Privilege::admin})
    BOOST_TEST(!may(web, privilege, "alice", "web"));
}

BOOST_AUTO_TEST_CASE(roles_come_with_the_login_and_end_with_a_suspension) {
  add_with_login("helen", Role::helpdesk);
  add_with_login("otto", Role::auditor);
  BOOST_TEST(may({.uid = 1, .login = "helen"}, Privilege::helpdesk));
  BOOST_TEST(may({.uid = 1, .login = "helen"}, Privilege::self_or_helpdesk, "alice"));
  BOOST_TEST(!may({.uid = 1, .login = "helen"}, Privilege::self, "alice"));
  BOOST_TEST(!may({.uid = 1, .login = "helen"}, Privilege::audit));
  BOOST_TEST(may({.uid = 2, .login = "otto"}, Privilege::audit));
  BOOST_TEST(!may({.uid = 2, .login = "otto"}, Privilege::helpdesk));
  engine::UserChange suspend;
  suspend.suspended = true;
  engine::change_user(context, admin, "helen", suspend, [](const Result<User>&) {});
  BOOST_TEST(!may({.uid = 1, .login = "helen"}, Privilege::helpdesk));
}

BOOST_AUTO_TEST_SUITE_END()
