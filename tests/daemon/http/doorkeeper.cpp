// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/doorkeeper.h"

#include <sys/socket.h>
#include <unistd.h>

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
  Doorkeeper doorkeeper{
      store,
      {.own_uid = daemon_uid,
       .admin_group = admin_group,
       .verifiers = {{.name = "web", .uid = web_uid, .gid = {}, .services = {"web"}}}}};

  void add_with_login(const std::string& name, Role role) {
    engine::add_user(context, admin, User{.name = name, .role = role, .login = name},
                     Basis::bootstrap(),
                     [](const Result<User>& user) { BOOST_TEST_REQUIRE(user.has_value()); });
  }
  bool may(const Peer& peer, Privilege privilege, const std::string& subject = {},
           const std::string& service = {}) {
    return Doorkeeper::admit(doorkeeper.standing(peer), privilege, subject, service).has_value();
  }
};

constexpr Privilege all[] = {Privilege::anyone, Privilege::self,  Privilege::self_or_helpdesk,
                             Privilege::verify, Privilege::audit, Privilege::helpdesk,
                             Privilege::admin};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(doorkeeper, Fixture)

BOOST_AUTO_TEST_CASE(T12_administrators_are_root_the_daemons_own_uid_and_the_group) {
  for (const Privilege privilege : all) {
    BOOST_TEST(may({.uid = 0}, privilege, "alice"));
    BOOST_TEST(may({.uid = daemon_uid}, privilege, "alice"));
    BOOST_TEST(may({.uid = 1000, .groups = {7, admin_group}}, privilege, "alice"));
    BOOST_TEST(may({.uid = 1000, .gid = admin_group}, privilege, "alice"));
    BOOST_TEST(may({.uid = 1000, .login = "alice"}, privilege, "bob") ==
               (privilege == Privilege::anyone));
  }
}

BOOST_AUTO_TEST_CASE(T13_who_can_t_be_told_is_nobody) {
  Peer peer;
  const int tcp = socket(AF_INET, SOCK_STREAM, 0);
  BOOST_REQUIRE(tcp >= 0);
  BOOST_TEST(!http::read_peer(tcp, peer));  // the kernel says -1 of it
  BOOST_TEST(!http::read_peer(-1, peer));
  close(tcp);
  for (const Privilege privilege : all)
    BOOST_TEST(may(peer, privilege, "", "web") == (privilege == Privilege::anyone));
  BOOST_TEST(!doorkeeper.standing(peer).owner);
  BOOST_TEST(!doorkeeper.standing(peer).admin);
  BOOST_TEST((doorkeeper.standing(peer).share() == Share::own));
}

BOOST_AUTO_TEST_CASE(T12_everybody_else_acts_for_the_user_of_their_login) {
  add_with_login("alice", Role::user);
  const Peer alice{.uid = 1000, .login = "alice"};
  for (const Privilege privilege : all) {
    const bool own = privilege == Privilege::anyone || privilege == Privilege::self ||
                     privilege == Privilege::self_or_helpdesk || privilege == Privilege::verify;
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
  for (const Privilege privilege : {Privilege::self, Privilege::self_or_helpdesk, Privilege::audit,
                                    Privilege::helpdesk, Privilege::admin})
    BOOST_TEST(!may(web, privilege, "alice", "web"));
}

BOOST_AUTO_TEST_CASE(T47_what_a_sign_in_claims_is_configured_and_no_group_or_role_says_it) {
  Doorkeeper door{store,
                  {.own_uid = daemon_uid,
                   .admin_group = admin_group,
                   .verifiers = {{.name = "web",
                                  .uid = web_uid,
                                  .gid = {},
                                  .services = {"web", "mail"},
                                  .audiences = {"https://shop.example"}},
                                 {.name = "wiki",
                                  .uid = web_uid,
                                  .gid = {},
                                  .services = {"wiki"},
                                  .primary = {Primary::sso}}}}};
  add_with_login("alice", Role::user);
  add_with_login("anton", Role::admin);
  const auto may_claim = [&](const Peer& peer, Doorkeeper::Claims claims) {
    return Doorkeeper::admit_claims(door.standing(peer), claims).has_value();
  };
  for (const Peer& owner : {Peer{.uid = 0}, Peer{.uid = daemon_uid}})
    BOOST_TEST(may_claim(
        owner, {.primary = Primary::sso, .user = "bob", .service = "web", .audience = "anything"}));
  const Peer web{.uid = web_uid};
  BOOST_TEST(may_claim(web, {.primary = Primary::password, .user = "bob", .service = "web"}));
  BOOST_TEST(may_claim(web, {.user = "bob", .service = "web", .audience = "web"}));
  BOOST_TEST(
      may_claim(web, {.user = "bob", .service = "mail", .audience = "https://shop.example"}));
  BOOST_TEST(!may_claim(web, {.user = "bob", .service = "web", .audience = "mail"}));
  BOOST_TEST(!may_claim(web, {.user = "bob",
                              .service = "wiki",
                              .audience = "https://shop.example"}));  // beside another service
  BOOST_TEST(!may_claim(web, {.user = "bob", .service = "web", .audience = "payroll"}));
  BOOST_TEST(!may_claim(web, {.primary = Primary::sso, .user = "bob", .service = "web"}));
  BOOST_TEST(may_claim(web, {.primary = Primary::sso, .user = "bob", .service = "wiki"}));
  // A user acts for oneself, an administrator too.
  for (const auto& [peer, own] : {std::pair(Peer{.uid = 1000, .login = "alice"}, "alice"),
                                  std::pair(Peer{.uid = 1001, .login = "anton"}, "anton")}) {
    BOOST_TEST(may_claim(peer, {.user = own, .service = "web"}));
    BOOST_TEST(may_claim(peer, {.user = own, .service = "web", .audience = "web"}));
    BOOST_TEST(!may_claim(peer, {.user = own, .service = "web", .audience = "payroll"}));
    BOOST_TEST(!may_claim(peer, {.primary = Primary::password, .user = own, .service = "web"}));
    BOOST_TEST(!may_claim(peer, {.primary = Primary::sso, .user = "bob", .service = "web"}));
    BOOST_TEST(!may_claim(peer, {.user = "bob", .service = "web"}));
  }
  BOOST_TEST(!may_claim({.uid = 1000, .groups = {admin_group}},
                        {.primary = Primary::sso, .user = "bob", .service = "web"}));
}

BOOST_AUTO_TEST_CASE(T52_a_user_is_meant_whatever_the_spelling_of_name_or_account) {
  int asked = 0;
  const auto named = [&](const std::string& name) -> Result<std::optional<http::Account>> {
    ++asked;
    if (name == "alice" || name == "ALICE" || name == "CORP\\alice")
      return http::Account{.name = "alice", .uid = 1000};
    if (name == "Bob") return http::Account{.name = "Bob", .uid = 1002};
    if (name == "bob")
      return http::Account{.name = "bob", .uid = 1003};  // here, the system tells these two apart
    if (name == "slow") return fail(Code::unavailable, "the directory is down");
    if (name == "old" || name == "OLD") return http::Account{.name = "old", .uid = 1004};
    return std::nullopt;
  };
  Doorkeeper door{
      store,
      {.own_uid = daemon_uid,
       .admin_group = {},
       .verifiers = {},
       .accounts = {.login_of = [](std::uint32_t) { return std::string("old"); }, .named = named}}};
  add_with_login("alice", Role::user);
  add_with_login("Bob", Role::user);
  add_with_login("OLD", Role::user);  // as an earlier version kept it
  const auto resolved = [&](std::string user) {
    BOOST_TEST(door.resolve_user(user).has_value());
    return user;
  };
  for (const char* typed : {"alice", "Alice", "login:alice", "login:ALICE", "login:CORP\\alice"})
    BOOST_TEST(resolved(typed) == "alice");
  BOOST_TEST(resolved("login:Bob") == "Bob");
  BOOST_TEST(resolved("login:bob") == "login:bob");  // another account, of no user
  BOOST_TEST(resolved("login:old") == "OLD");
  for (const char* nobodys : {"nobody", "login:nobody", "login:", ""})
    BOOST_TEST(resolved(nobodys) == nobodys);
  BOOST_TEST(door.login_of(1004) == "OLD");
  BOOST_TEST(door.account_name("CORP\\alice").value() == "alice");
  BOOST_TEST(door.account_name("old").value() == "OLD");  // is taken, by whoever has it so
  BOOST_TEST(door.account_name("unknown to the system").value() == "unknown to the system");
  // Whoever cannot be told now must not pass for unknown: a policy may let those in.
  std::string untold = "login:slow";
  BOOST_TEST((door.resolve_user(untold).error().code == Code::unavailable));
  BOOST_TEST(door.resolve_user(untold, false).has_value());  // not asked for: nobody
  BOOST_TEST((door.account_name("slow").error().code == Code::unavailable));
  // The system is asked only where the store does not know the spelling.
  BOOST_TEST((!door.asks_system("alice") && !door.asks_system("nobody") &&
              !door.asks_system("login:alice") && door.asks_system("login:ALICE")));
  asked = 0;
  (void)resolved("login:alice");
  BOOST_TEST(asked == 0);
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
