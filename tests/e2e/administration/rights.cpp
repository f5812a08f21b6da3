// SPDX-License-Identifier: Apache-2.0
// Who may change what (T41, T48, T53): a thief with an administrator's session, or the helpdesk's,
// gains nothing; every route asks the rights table; bootstrap ends for good; whoever lost
// everything comes back; lists are used up row by row.
#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

#include <set>

#include "tests/e2e/support/desk.h"
#include "tests/e2e/support/processes.h"

using namespace countersign;
using namespace countersign::test;

namespace {

constexpr uid_t bin_uid = 2, games_uid = 5, mail_uid = 8;  // accounts that every Debian has

// boss administers by role and has a phone that serves; help is of the helpdesk, with a phone of
// theirs; victim has one, too. Their sessions are those of the uids whose logins they are.
struct Firm : Desk {
  explicit Firm(const std::string& config = {}) : Desk(config) {
    (void)told(daemon, {"user", "add", "help", "--role", "helpdesk", "--login", "games"});
    (void)told(daemon, {"user", "add", "victim", "--phone", "+491701234567"});
    help = enroll_totp(daemon, "help");
    victim = enroll_totp(daemon, "victim");
    (void)told(daemon, {"user", "add", "boss", "--role", "admin", "--login", "bin"});
    boss = enroll_totp(daemon, "boss");
  }

  struct Said {
    int status = 0;
    Json body;
    [[nodiscard]] std::string code() const { return status == 200 ? "200" : text(body, "code"); }
  };
  [[nodiscard]] Said as(uid_t uid, const std::string& method, const std::string& target,
                        const std::string& body = {}) const {
    const std::string said = as_uid_asks(uid, method, target, body);
    return {std::stoi(said.substr(0, 3)), object_in(said.substr(4))};
  }
  // A fresh verification by a code, in that session; its id, or the code of the problem.
  [[nodiscard]] std::string fresh(uid_t uid, const std::string& user, const std::string& change,
                                  const std::string& code) const {
    const Said said =
        as(uid, "POST", "/v1/fresh-verifications",
           boost::json::serialize(Json{{"user", user}, {"change", change}, {"code", code}}));
    return said.status == 200 ? text(said.body, "id") : said.code();
  }
  [[nodiscard]] std::string basis_of(const std::string& id) const {
    return text(told(daemon, {"authenticator", "show", id}), "basis");
  }

  Phone help, victim, boss;
};

// A body with a fresh verification put in.
std::string with_fresh(const std::string& body, const std::string& id) {
  Json object = object_in(body);
  object["fresh"] = id;
  return boost::json::serialize(object);
}

// What a route changes, as a sweep has to know it. A route without a row fails the sweep.
enum class Asks {
  reads,    // changes nothing
  factor,   // asks the user's own factor, or is one step of a sign-in: bound to whoever began it
  nothing,  // the rights table asks for nothing more, or for no right of a person's (keys of the
            // store, the token in hand)
  fresh,    // an administrator needs a fresh verification
};
struct Row {
  std::string method, path;
  Asks asks;
  std::string target = {}, body = {};  // of fresh: what the thief sends
  bool helpdesk = false;               // may do it, too, by a fresh verification of theirs
};

std::vector<Row> rows(const Firm& firm) {
  const std::string id = firm.victim.id;
  return {
      {"get", "/v1/*", Asks::reads},
      {"post", "/v1/verifications", Asks::factor},
      {"post", "/v1/verifications/tap", Asks::factor},
      {"post", "/v1/codes", Asks::factor},
      {"post", "/v1/webauthn/authentications", Asks::factor},
      {"post", "/v1/webauthn/authentications/{id}", Asks::factor},
      {"post", "/v1/webauthn/registrations/{id}", Asks::factor},
      {"post", "/v1/fresh-verifications", Asks::factor},
      {"post", "/v1/fresh-verifications/tap", Asks::factor},
      {"post", "/v1/interactions/{id}", Asks::factor},
      {"post", "/v1/sign-ins*", Asks::factor},
      {"post", "/v1/enrollments/{id}/confirm", Asks::factor},
      {"post", "/v1/authenticators/{id}/resync", Asks::factor},
      {"post", "/v1/sessions", Asks::nothing},
      {"post", "/v1/sessions/end", Asks::nothing},
      {"post", "/v1/users/{name}/unskip", Asks::nothing},
      {"post", "/v1/machines/{id}/block", Asks::nothing},
      {"post", "/v1/devices/{id}/manage", Asks::nothing},
      {"post", "/v1/devices/{id}/items", Asks::nothing},
      {"post", "/v1/imports", Asks::nothing},
      {"post", "/v1/imports/{id}/rows", Asks::nothing},
      {"post", "/v1/authority", Asks::nothing},
      {"post", "/v1/clients", Asks::nothing},
      {"post", "/v1/clients/{id}/revoke", Asks::nothing},
      {"post", "/v1/audit/prune", Asks::nothing},
      {"post", "/v1/keys/rotate", Asks::nothing},
      {"post", "/v1/store/resync", Asks::nothing},
      {"put", "/v1/demo/clock", Asks::nothing},
      {"post", "/v1/users", Asks::fresh, "/v1/users", R"({"name":"backdoor","role":"admin"})"},
      {"post", "/v1/users", Asks::fresh, "/v1/users",
       R"({"name":"robot","service_account":"2|web"})"},
      {"post", "/v1/users/batch", Asks::fresh, "/v1/users/batch",
       R"({"users":[{"name":"backdoor","login":"sync"}]})"},
      {"patch", "/v1/users/{name}", Asks::fresh, "/v1/users/victim",
       R"({"phone":"+491709999999"})"},
      {"post", "/v1/users/{name}/reset", Asks::fresh, "/v1/users/victim/reset", "{}", true},
      {"post", "/v1/users/{name}/reopen", Asks::fresh, "/v1/users/victim/reopen", "{}", true},
      {"post", "/v1/enrollments", Asks::fresh, "/v1/enrollments",
       R"({"user":"victim","kind":"totp","confirm":false})"},
      {"post", "/v1/enrollments/tap", Asks::fresh, "/v1/enrollments/tap", R"({"user":"victim"})"},
      {"post", "/v1/enrollments/validated-elsewhere", Asks::fresh,
       "/v1/enrollments/validated-elsewhere",
       R"({"user":"victim","code":"vvcccccccccccccccccccccccccccccccccccccccccc"})"},
      {"post", "/v1/enrollments/temporary-code", Asks::fresh, "/v1/enrollments/temporary-code",
       R"({"user":"victim"})", true},
      {"post", "/v1/webauthn/registrations", Asks::fresh, "/v1/webauthn/registrations",
       R"({"user":"victim"})"},
      {"patch", "/v1/authenticators/{id}", Asks::fresh, "/v1/authenticators/" + id,
       R"({"status":"revoked"})", true},
      {"post", "/v1/imports/{id}/finish", Asks::fresh, "", R"({"complete":true})"},
      {"post", "/v1/exports/yubico-otp", Asks::fresh, "/v1/exports/yubico-otp", "{}"},
      {"post", "/v1/devices/{id}/provision", Asks::fresh, "/v1/devices/any/provision",
       R"({"user":"victim"})"},
      {"post", "/v1/devices/{id}/slots", Asks::fresh, "/v1/devices/any/slots",
       R"({"kind":"hmac","user":"victim","slot":2})"},
      {"post", "/v1/authenticators/{id}/renew", Asks::fresh, "", "{}"},
      {"post", "/v1/cards/{serial}/reveal", Asks::fresh, "/v1/cards/12345678/reveal", "{}"},
      {"patch", "/v1/policies/{audience}", Asks::fresh, "", ""},
      {"patch", "/v1/attestation", Asks::fresh, "/v1/attestation", R"({"clear_roots":true})"},
      {"post", "/v1/attestation/metadata", Asks::fresh, "/v1/attestation/metadata",
       R"({"blob":"x","root":"-----BEGIN CERTIFICATE-----"})"},
      {"post", "/v1/machines/{id}/forget", Asks::fresh, "/v1/machines/0000000000001/forget", "{}",
       true},
      {"post", "/v1/machines/{id}/recognize", Asks::fresh, "/v1/machines/0000000000001/recognize",
       R"({"audience":"staff"})"},
      {"post", "/v1/machines/forget", Asks::fresh, "/v1/machines/forget", "{}"},
      {"post", "/v1/permits", Asks::fresh, "/v1/permits", R"({"kind":"hmac","list":["victim"]})"},
      {"post", "/v1/bootstrap/close", Asks::fresh, "/v1/bootstrap/close", "{}"},
  };
}

bool covers(const Row& row, const std::string& method, const std::string& path) {
  if (row.method != method) return false;
  return row.path.ends_with('*') ? path.starts_with(row.path.substr(0, row.path.size() - 1))
                                 : row.path == path;
}

// The last line of a stream is its answer.
std::string last_line(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rights)

BOOST_AUTO_TEST_CASE(T53_every_route_that_changes_something_asks_the_rights_table) {
  const Firm firm;
  const auto& daemon = firm.daemon;
  std::vector<Row> table = rows(firm);
  // What needs something to be there first.
  const Json import = ask(daemon, "POST", "/v1/imports");
  (void)told(daemon, {"policy", "set", "staff", "--mode", "required", "--yes"});
  const Json off = ask(daemon, "PATCH", "/v1/policies/staff", R"({"mode":"off","dry_run":true})");
  for (Row& row : table) {
    if (row.path == "/v1/imports/{id}/finish")
      row.target = "/v1/imports/" + text(import, "id") + "/finish";
    if (row.path == "/v1/policies/{audience}") {
      row.target = "/v1/policies/staff";
      row.body = boost::json::serialize(Json{{"mode", "off"}, {"confirm", text(off, "change")}});
    }
  }
  std::set<std::string> seen;
  const Json document = ask(daemon, "GET", "/v1/openapi.json");
  for (const auto& [path, operations] : document.at("paths").as_object()) {
    for (const auto& [method, operation] : operations.as_object()) {
      const auto row = std::ranges::find_if(table, [&](const Row& each) {
        return covers(each, std::string(method), std::string(path));
      });
      BOOST_TEST_CONTEXT(method << " " << path) {
        BOOST_TEST_REQUIRE((row != table.end()), "say in this table what it asks for");
        seen.insert(row->method + row->path);
        if (row->asks != Asks::fresh || row->target.empty()) continue;
        const auto asked = [&](uid_t uid, const std::string& body) {
          const std::string said =
              firm.as_uid_asks(uid, row->method == "patch" ? "PATCH" : "POST", row->target, body);
          const Json answer = object_in(last_line(said.substr(4)));
          return answer.contains("code") ? text(answer, "code") : "done: " + said.substr(0, 300);
        };
        BOOST_TEST(asked(bin_uid, row->body) == "fresh_needed");
        BOOST_TEST(asked(bin_uid, with_fresh(row->body, "AAAAAAAAAAAAAAAAAAAAAA")) ==
                   "not_permitted");
        BOOST_TEST(asked(games_uid, row->body) ==
                   (row->helpdesk ? "fresh_needed" : "not_permitted"));
        BOOST_TEST(asked(12345, row->body) == "not_permitted");
      }
    }
  }
  for (const Row& row : table)
    BOOST_TEST(seen.contains(row.method + row.path),
               row.method << " " << row.path << " is in the table, and no route");
  // Nothing of it happened.
  BOOST_TEST(daemon.cli({"user", "show", "backdoor"}).exit_code == 6);
  BOOST_TEST(text(told(daemon, {"user", "show", "victim"}), "phone") == "+491701234567");
  BOOST_TEST(text(told(daemon, {"authenticator", "show", firm.victim.id}), "status") == "active");
  BOOST_TEST(verdict(daemon, "victim", fresh_code(daemon, firm.victim)) == "verified");
}

BOOST_AUTO_TEST_CASE(T53_a_thief_with_an_administrators_session_makes_no_factor_for_himself) {
  const Firm firm;
  // For himself: a temporary code, a TOTP whose first code nobody asks for, a phone.
  BOOST_TEST(
      firm.as(bin_uid, "POST", "/v1/enrollments/temporary-code", R"({"user":"boss"})").code() ==
      "fresh_needed");
  BOOST_TEST(
      firm.as(bin_uid, "POST", "/v1/enrollments",
              R"({"user":"boss","kind":"totp","confirm":false,"secret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"})")
          .code() == "fresh_needed");
  BOOST_TEST(firm.as(bin_uid, "POST", "/v1/enrollments",
                     R"({"user":"boss","kind":"totp","code":"000000"})")
                 .code() == "not_permitted");
  BOOST_TEST(firm.as(bin_uid, "PATCH", "/v1/users/victim", R"({"audience":"client"})").code() ==
             "fresh_needed");
  BOOST_TEST(
      firm.as(bin_uid, "PATCH", "/v1/users/victim", R"({"service_account":"2|web,sudo,sshd"})")
          .code() == "fresh_needed");
  BOOST_TEST(firm.as(bin_uid, "PATCH", "/v1/users/boss", R"({"login":"sync"})").code() ==
             "fresh_needed");
  BOOST_TEST(firm.as(bin_uid, "POST", "/v1/enrollments",
                     R"({"user":"victim","kind":"sms","to":"+491708888888"})")
                 .code() == "fresh_needed");
  BOOST_TEST(firm.as(bin_uid, "PATCH", "/v1/users/victim", R"({"suspended":false})").code() ==
             "fresh_needed");
  // What grants nothing needs nothing.
  BOOST_TEST(
      firm.as(bin_uid, "POST", "/v1/users", R"({"name":"newcomer","location":"berlin"})").status ==
      200);
  BOOST_TEST(firm.as(bin_uid, "PATCH", "/v1/users/victim", R"({"suspended":true})").status == 200);
  // The owner of the session, with the phone, goes on in the same session, for that change alone.
  const std::string change =
      text(firm.as(bin_uid, "POST", "/v1/users/victim/reset", "{}").body, "change");
  BOOST_TEST(change == "user.reset victim");
  const std::string other =
      firm.fresh(bin_uid, "boss", "user.reset help", fresh_code(firm.daemon, firm.boss));
  BOOST_TEST(firm.as(bin_uid, "POST", "/v1/users/victim/reset", with_fresh("{}", other)).code() ==
             "not_permitted");
  const std::string right = firm.fresh(bin_uid, "boss", change, fresh_code(firm.daemon, firm.boss));
  BOOST_TEST(firm.as(games_uid, "POST", "/v1/users/victim/reset", with_fresh("{}", right)).code() ==
             "not_permitted");
  BOOST_TEST(firm.as(bin_uid, "POST", "/v1/users/victim/reset", with_fresh("{}", right)).status ==
             200);
  BOOST_TEST(firm.as(bin_uid, "POST", "/v1/users/victim/reset", with_fresh("{}", right)).code() ==
             "not_permitted");
}

BOOST_AUTO_TEST_CASE(T53_the_helpdesk_touches_nobody_who_has_a_role) {
  const Firm firm;
  for (const char* user : {"boss", "help"}) {
    BOOST_TEST_CONTEXT(user) {
      const std::string name = user;
      BOOST_TEST(firm.as(games_uid, "POST", "/v1/users/" + name + "/reset", "{}").code() ==
                 "not_permitted");
      BOOST_TEST(firm.as(games_uid, "POST", "/v1/users/" + name + "/reopen", "{}").code() ==
                 "not_permitted");
      BOOST_TEST(firm.as(games_uid, "POST", "/v1/enrollments/temporary-code",
                         R"({"user":")" + name + "\"}")
                     .code() == "not_permitted");
    }
  }
  BOOST_TEST(
      firm.as(games_uid, "PATCH", "/v1/authenticators/" + firm.boss.id, R"({"status":"revoked"})")
          .code() == "not_permitted");
  BOOST_TEST(
      firm.as(games_uid, "PATCH", "/v1/authenticators/" + firm.boss.id, R"({"status":"suspended"})")
          .code() == "not_permitted");
  // Their own: suspended at once ("I lost my phone"); back by a fresh verification alone.
  BOOST_TEST(
      firm.as(games_uid, "PATCH", "/v1/authenticators/" + firm.help.id, R"({"status":"suspended"})")
          .status == 200);
  BOOST_TEST(
      firm.as(games_uid, "PATCH", "/v1/authenticators/" + firm.help.id, R"({"status":"active"})")
          .code() == "fresh_needed");
  // For the others, with their own phone.
  (void)told(firm.daemon, std::vector<std::string>{"authenticator", "resume", firm.help.id} +
                              firm.Desk::as(firm.boss));
  const std::string id =
      firm.fresh(games_uid, "help", "temporary-code victim", fresh_code(firm.daemon, firm.help));
  BOOST_TEST(firm.as(games_uid, "POST", "/v1/enrollments/temporary-code",
                     with_fresh(R"({"user":"victim"})", id))
                 .status == 200);
}

BOOST_AUTO_TEST_CASE(T53_bootstrap_ends_for_good) {
  const Desk desk("admin_group = \"mail\"\n");
  const auto& daemon = desk.daemon;
  BOOST_TEST(text(told(daemon, {"status"}), "bootstrap") == "open");
  (void)told(daemon, {"user", "add", "boss", "--role", "admin"});
  // Begun while it lasts, by whoever administers then.
  (void)told(daemon, {"user", "add", "thief"});
  const Json begun = told(daemon, {"enroll", "totp", "--user", "thief"});
  // Bound within a sign-in, by the first factor alone: nobody vouched for it, so it serves for
  // nothing and ends nothing.
  (void)desk.policy("staff", {"--mode", "required"});
  const Phone first = desk.enroll_within(desk.begin("boss", 11));
  BOOST_TEST(text(told(daemon, {"authenticator", "show", first.id}), "basis") == "first-factor");
  BOOST_TEST(text(told(daemon, {"status"}), "bootstrap") == "open");
  (void)told(daemon, {"authenticator", "confirm", first.id});
  BOOST_TEST(text(told(daemon, {"authenticator", "show", first.id}), "basis") == "bootstrap");
  BOOST_TEST(text(told(daemon, {"status"}), "bootstrap") == "closed");
  // What was begun then is bound, and does not serve: nobody who has a factor vouched for it.
  const Phone late{.user = "thief", .id = text(begun, "id"), .secret = text(begun, "secret")};
  (void)told(daemon, {"enroll", "confirm", late.id, "--code", late.code_at(now(daemon))});
  BOOST_TEST(text(told(daemon, {"authenticator", "show", late.id}), "basis") == "first-factor");
  // Demoted, revoked, reset: it stays closed.
  (void)told(daemon, {"user", "set", "boss", "--role", "user", "--recovery"});
  BOOST_TEST(daemon.cli({"user", "reset", "boss"}).exit_code == 5);
  BOOST_TEST(text(told(daemon, {"status"}), "bootstrap") == "closed");
  const std::string policy =
      desk.as_uid_asks(mail_uid, "PATCH", "/v1/users/boss", R"({"role":"admin"})");
  BOOST_TEST(policy.starts_with("403 "), policy);
  BOOST_TEST(policy.find("fresh_needed") != std::string::npos, policy);
  BOOST_TEST(daemon.cli({"audit", "list"}).out.find("bootstrap.close") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(T53_a_site_that_administers_by_group_ends_bootstrap_by_verifying) {
  const Desk desk("admin_group = \"mail\"\n");
  const auto& daemon = desk.daemon;
  (void)told(daemon, {"user", "add", "postmaster", "--login", "mail"});
  const Phone phone = enroll_totp(daemon, "postmaster");
  const auto as_member = [&](const std::string& target, const Json& body) {
    return desk.as_uid_asks(mail_uid, "POST", target, boost::json::serialize(body));
  };
  BOOST_TEST(text(told(daemon, {"status"}), "bootstrap") == "open");
  BOOST_TEST(daemon.cli({"bootstrap", "close"}).exit_code == 5);
  BOOST_TEST(daemon.cli({"bootstrap", "close", "--recovery"}).exit_code == 5);
  BOOST_TEST(as_member("/v1/bootstrap/close", {}).find("fresh_needed") != std::string::npos);
  const std::string fresh = as_member(
      "/v1/fresh-verifications",
      {{"user", "postmaster"}, {"change", "bootstrap.close"}, {"code", fresh_code(daemon, phone)}});
  BOOST_TEST_REQUIRE(fresh.starts_with("200 "), fresh);
  BOOST_TEST(as_member("/v1/bootstrap/close", {{"fresh", text(object_in(fresh.substr(4)), "id")}})
                 .starts_with("200 "));
  BOOST_TEST(text(told(daemon, {"status"}), "bootstrap") == "closed");
  BOOST_TEST(as_member("/v1/users/postmaster/reset", {}).find("fresh_needed") != std::string::npos);
  BOOST_TEST(daemon.cli({"user", "reset", "postmaster"}).exit_code == 5);
}

BOOST_AUTO_TEST_CASE(
    T53_what_an_administrator_bound_at_a_sign_in_serves_once_another_confirmed_it) {
  const Firm firm;
  const auto& daemon = firm.daemon;
  (void)firm.policy("staff", {"--mode", "required"});
  (void)told(daemon, std::vector<std::string>{"user", "add", "second", "--role", "admin", "--login",
                                              "sync"} +
                         firm.Desk::as(firm.boss));
  const Phone phone = firm.enroll_within(firm.begin("second", 11));
  BOOST_TEST(firm.basis_of(phone.id) == "first-factor");
  const std::string doctor = daemon.cli({"doctor", "--json"}).out;
  BOOST_TEST(doctor.find("authenticator confirm " + phone.id) != std::string::npos, doctor);
  BOOST_TEST(doctor.find("authenticator confirm " + firm.boss.id) == std::string::npos, doctor);
  constexpr uid_t sync_uid = 4;
  const Firm::Said vain = firm.as(sync_uid, "POST", "/v1/fresh-verifications",
                                  R"({"user":"second","change":"user.reset victim","code":")" +
                                      fresh_code(daemon, phone) + "\"}");
  BOOST_TEST(text(vain.body, "detail").find("vouched") != std::string::npos,
             text(vain.body, "detail"));
  // T48: nor does it change what codes of somebody with a role are sent to.
  const Firm::Said number =
      firm.as(sync_uid, "POST", "/v1/enrollments",
              R"({"user":"second","kind":"sms","to":"+491701111111","code":")" +
                  fresh_code(daemon, phone) + "\"}");
  BOOST_TEST(number.code() == "not_permitted");
  BOOST_TEST(text(number.body, "detail").contains("another administrator confirms it first"),
             text(number.body, "detail"));
  // What it vouches for serves no better.
  const Json more = firm.as(sync_uid, "POST", "/v1/enrollments",
                            R"({"user":"second","kind":"backup-codes","code":")" +
                                fresh_code(daemon, phone) + "\"}")
                        .body;
  BOOST_TEST_REQUIRE(more.contains("id"), daemon.cli({"audit", "list", "--last", "3"}).out);
  BOOST_TEST(firm.basis_of(text(more, "id")) == "first-factor");
  // Not by oneself, by no other change, but by another administrator.
  const std::string change = "authenticator.confirm " + phone.id;
  BOOST_TEST(firm.fresh(sync_uid, "second", change, fresh_code(daemon, phone)) == "not_permitted");
  (void)told(daemon, std::vector<std::string>{"authenticator", "confirm", phone.id} +
                         firm.Desk::as(firm.boss));
  BOOST_TEST(firm.basis_of(phone.id) == "fresh:boss");
  BOOST_TEST(
      firm.fresh(sync_uid, "second", "user.reset victim", fresh_code(daemon, phone)).size() == 22U);
  // And nobody confirms their own.
  const std::string own = firm.fresh(bin_uid, "boss", "authenticator.confirm " + firm.boss.id,
                                     fresh_code(daemon, firm.boss));
  BOOST_TEST(firm.as(bin_uid, "PATCH", "/v1/authenticators/" + firm.boss.id,
                     with_fresh(R"({"confirm":true})", own))
                 .code() == "not_permitted");
}

BOOST_AUTO_TEST_CASE(T53_a_temporary_code_is_no_fresh_verification_and_readmits_once) {
  const Firm firm;
  const auto& daemon = firm.daemon;
  (void)firm.policy("staff", {"--mode", "required"});
  const auto code_for = [&](const std::string& user, std::vector<std::string> more = {}) {
    return text(told(daemon, std::vector<std::string>{"enroll", "temporary-code", "--user", user,
                                                      "--uses", "5"} +
                                 more + firm.Desk::as(firm.boss)),
                "code");
  };
  BOOST_TEST(firm.fresh(bin_uid, "boss", "user.reset victim", code_for("boss")) == "not_permitted");
  // The owner lost the phone: a sign-in verified by the code binds one authenticator, on the basis
  // that the code was made on.
  (void)told(daemon, std::vector<std::string>{"authenticator", "revoke", firm.victim.id} +
                         firm.Desk::as(firm.boss));
  const std::string code = code_for("victim");
  const Json in = firm.answer(firm.begin("victim", 10), code, 0);
  const Json again = firm.answer(firm.begin("victim", 10), code, 0);
  const Phone fresh = firm.enroll_within(in);
  BOOST_TEST(firm.basis_of(fresh.id) == "fresh:boss");
  BOOST_TEST(daemon.cli({"sign-in", "enroll", text(again, "id")}).exit_code == 0);  // begun...
  const std::string secret = text(told(daemon, {"sign-in", "enroll", text(again, "id")}), "secret");
  const Phone second{.user = "victim", .id = {}, .secret = secret};
  BOOST_TEST(
      daemon.cli({"sign-in", "confirm", text(again, "id"), "--code", second.code_at(now(daemon))})
          .exit_code == 5);  // ... and not bound
  BOOST_TEST(verdict(daemon, "victim", code) != "verified");
}

BOOST_AUTO_TEST_CASE(T53_a_permit_is_used_up_row_by_row) {
  Firm firm;
  auto& daemon = firm.daemon;
  const std::string list = R"({"kind":"users","list":["one"]})";
  const std::string change = text(firm.as(bin_uid, "POST", "/v1/permits", list).body, "change");
  const std::string fresh = firm.fresh(bin_uid, "boss", change, fresh_code(daemon, firm.boss));
  // The list that was verified for, and no other.
  BOOST_TEST(firm.as(bin_uid, "POST", "/v1/permits",
                     with_fresh(R"({"kind":"users","list":["one","two"]})", fresh))
                 .code() == "not_permitted");

  // By the command: two batches, one verification; and from the record what it rested on.
  std::string csv = "name,login\n";
  for (int i = 0; i < 1500; ++i)
    csv += "person" + std::to_string(i) + ",login" + std::to_string(i) + "\n";
  write_file(firm.folder / "people.csv", csv);
  BOOST_TEST(daemon.cli({"user", "import", firm.folder / "people.csv"}).exit_code == 5);
  const Json done =
      told(daemon, std::vector<std::string>{"user", "import", firm.folder / "people.csv"} +
                       firm.Desk::as(firm.boss));
  BOOST_TEST(text(done, "accepted") == "1500");

  // A batch that is on the list works once, for whoever made the permit, also after a restart.
  const auto batch = [](const std::string& name) {
    return R"({"users":[{"name":")" + name + R"(","login":")" + name + R"("}],"dry_run":true})";
  };
  const auto digest = [&](const std::string& name) {
    return text(firm.as(bin_uid, "POST", "/v1/users/batch", batch(name)).body, "digest");
  };
  const auto permit_for = [&](const std::vector<std::string>& names) {
    boost::json::array digests;
    for (const std::string& name : names) digests.emplace_back(digest(name));
    const std::string body = boost::json::serialize(Json{{"kind", "users"}, {"list", digests}});
    const std::string wanted = text(firm.as(bin_uid, "POST", "/v1/permits", body).body, "change");
    return text(firm.as(bin_uid, "POST", "/v1/permits",
                        with_fresh(body, firm.fresh(bin_uid, "boss", wanted,
                                                    fresh_code(daemon, firm.boss))))
                    .body,
                "id");
  };
  const auto use = [&](uid_t uid, const std::string& name, const std::string& permit) {
    Json body = object_in(batch(name));
    body["dry_run"] = false;
    body["permit"] = permit;
    const Firm::Said said = firm.as(uid, "POST", "/v1/users/batch", boost::json::serialize(body));
    return said.status == 200 ? text(said.body, "accepted") : said.code();
  };
  const std::string permit = permit_for({"anna", "berta"});
  BOOST_TEST(use(bin_uid, "carla", permit) == "fresh_needed");
  BOOST_TEST(use(0, "anna", permit) == "fresh_needed");
  BOOST_TEST(use(bin_uid, "anna", permit) == "1");
  BOOST_TEST(daemon.stop() == 0);
  daemon.start();
  catch_up(daemon);
  BOOST_TEST(use(bin_uid, "anna", permit) ==
             "0");  // is there already: nothing is written, so nothing is used up
  BOOST_TEST(use(bin_uid, "berta", permit) == "1");
  const std::string late = permit_for({"dora"});
  advance(daemon, 8 * 3600 + 1);
  BOOST_TEST(use(bin_uid, "dora", late) == "fresh_needed");
}

BOOST_AUTO_TEST_CASE(T53_an_import_counts_by_a_verification_for_exactly_its_rows) {
  const Firm firm;
  const auto& daemon = firm.daemon;
  write_file(firm.folder / "tokens.csv",
             "serial,secret,type,user\nT1,GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ,totp,victim\n");
  BOOST_TEST(daemon.cli({"import", "csv", firm.folder / "tokens.csv"}).exit_code == 5);
  BOOST_TEST(told(daemon, {"authenticator", "list", "--serial", "T1"})
                 .at("authenticators")
                 .as_array()
                 .empty());
  // The thief adds a row after the administrator has verified for the others.
  const std::string id = text(firm.as(bin_uid, "POST", "/v1/imports").body, "id");
  const std::string row =
      R"({"rows":[{"kind":"totp","secret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ","user":")";
  BOOST_TEST(
      firm.as(bin_uid, "POST", "/v1/imports/" + id + "/rows", row + R"(victim"}]})").status == 200);
  const std::string finish = "/v1/imports/" + id + "/finish";
  const std::string change =
      text(firm.as(bin_uid, "POST", finish, R"({"complete":true})").body, "change");
  const std::string fresh = firm.fresh(bin_uid, "boss", change, fresh_code(daemon, firm.boss));
  BOOST_TEST(firm.as(bin_uid, "POST", "/v1/imports/" + id + "/rows", row + R"(boss"}]})").status ==
             200);
  BOOST_TEST(firm.as(bin_uid, "POST", finish, with_fresh(R"({"complete":true})", fresh)).code() ==
             "not_permitted");
  const Json done =
      told(daemon, std::vector<std::string>{"import", "csv", firm.folder / "tokens.csv"} +
                       firm.Desk::as(firm.boss));
  BOOST_TEST(done.at("imported").as_bool());
  const Json listed = told(daemon, {"authenticator", "list", "--serial", "T1"});
  BOOST_TEST(text(listed.at("authenticators").as_array().at(0).as_object(), "basis") ==
             "fresh:boss");
}

BOOST_AUTO_TEST_CASE(T53_a_permit_ends_with_bootstrap) {
  const Desk desk("admin_group = \"mail\"\n");
  const auto& daemon = desk.daemon;
  const auto as_member = [&](const std::string& target, const std::string& body) {
    return desk.as_uid_asks(mail_uid, "POST", target, body);
  };
  const std::string evil = R"({"users":[{"name":"evil","role":"admin"}],)";
  const std::string digest = text(
      object_in(as_member("/v1/users/batch", evil + R"("dry_run":true})").substr(4)), "digest");
  const std::string permit = text(
      object_in(
          as_member("/v1/permits", R"({"kind":"users","list":[")" + digest + "\"]}").substr(4)),
      "id");
  (void)desk.boss();
  const std::string used = as_member("/v1/users/batch", evil + R"("permit":")" + permit + "\"}");
  BOOST_TEST(used.find("fresh_needed") != std::string::npos, used);
  BOOST_TEST(daemon.cli({"user", "show", "evil"}).exit_code == 6);
}

BOOST_AUTO_TEST_CASE(
    T53_an_administrator_by_group_and_root_have_a_role_as_far_as_the_helpdesk_goes) {
  const Firm firm("admin_group = \"mail\"\n");
  const auto& daemon = firm.daemon;
  for (const auto& [name, login] : {std::pair("postmaster", "mail"), std::pair("rooty", "root")}) {
    (void)told(daemon, std::vector<std::string>{"user", "add", name, "--login", login} +
                           firm.Desk::as(firm.boss));
    BOOST_TEST_CONTEXT(name) {
      const std::string user = name;
      BOOST_TEST(firm.as(games_uid, "POST", "/v1/users/" + user + "/reset", "{}").code() ==
                 "not_permitted");
      BOOST_TEST(firm.as(games_uid, "POST", "/v1/enrollments/temporary-code",
                         R"({"user":")" + user + "\"}")
                     .code() == "not_permitted");
    }
  }
}

BOOST_AUTO_TEST_CASE(T53_what_the_helpdesk_vouched_for_does_not_rise_with_a_promotion) {
  const Firm firm;
  const auto& daemon = firm.daemon;
  const std::string fresh =
      firm.fresh(games_uid, "help", "temporary-code victim", fresh_code(daemon, firm.help));
  const std::string code = text(firm.as(games_uid, "POST", "/v1/enrollments/temporary-code",
                                        with_fresh(R"({"user":"victim"})", fresh))
                                    .body,
                                "code");
  (void)told(daemon, std::vector<std::string>{"user", "set", "victim", "--role", "admin"} +
                         firm.Desk::as(firm.boss));
  BOOST_TEST(verdict(daemon, "victim", code) != "verified");
}

BOOST_AUTO_TEST_CASE(T47_who_signs_in_only_themselves_gets_no_receipt) {
  const Firm firm(
      "[[verifier]]\nname = \"shop\"\nuser = 8\nservices = [\"shop\"]\nprimary = "
      "[\"password\"]\naudiences = [\"https://shop.example\"]\n");
  for (const std::string service : {"shop", "https://shop.example", "sudo"}) {
    const Json own = firm.as(games_uid, "POST", "/v1/sign-ins",
                             R"({"user":"help","service":")" + service + R"(","primary":"none"})")
                         .body;
    BOOST_TEST(text(own, "decision") == "allow");
    BOOST_TEST(!own.contains("receipt"), service);
  }
  const Json shop = firm.as(mail_uid, "POST", "/v1/sign-ins",
                            R"({"user":"help","service":"shop","primary":"password"})")
                        .body;
  BOOST_TEST(shop.contains("receipt"));
}

BOOST_AUTO_TEST_CASE(T53_what_was_begun_is_looked_at_again_when_it_is_bound) {
  const Firm firm;
  const auto& daemon = firm.daemon;
  (void)firm.policy("staff", {"--mode", "required"});
  const auto begin = [&](const std::string& user) {
    const Json in = firm.begin(user, 11);
    const Json begun = told(daemon, {"sign-in", "enroll", text(in, "id")});
    return std::pair(text(in, "id"),
                     Phone{.user = user, .id = text(begun, "id"), .secret = text(begun, "secret")});
  };
  const auto confirm = [&](const std::pair<std::string, Phone>& begun) {
    return daemon
        .cli({"sign-in", "confirm", begun.first, "--code", begun.second.code_at(now(daemon))})
        .exit_code;
  };
  // Two at once: the second finds that the user has a factor.
  for (const std::string user : {"anna", "berta", "carla", "dora"})
    (void)told(daemon, {"user", "add", user});
  const auto first = begin("anna");
  const auto second = begin("anna");
  BOOST_TEST(confirm(first) == 0);
  BOOST_TEST(confirm(second) == 5);
  // Suspended meanwhile; policy closed meanwhile.
  const auto suspended = begin("berta");
  (void)told(daemon, {"user", "suspend", "berta"});
  BOOST_TEST(confirm(suspended) == 5);
  const auto closed = begin("carla");
  (void)firm.policy("staff", {"--enroll-at-sign-in", "off"});
  BOOST_TEST(confirm(closed) == 5);
  // Begun on an administrator's word, and the user was reset since.
  const Json begun =
      told(daemon, std::vector<std::string>{"enroll", "totp", "--user", "dora", "--as", "boss",
                                            "--as-code", fresh_code(daemon, firm.boss)});
  (void)told(daemon, std::vector<std::string>{"user", "reset", "dora"} + firm.Desk::as(firm.boss));
  const Phone late{.user = "dora", .id = text(begun, "id"), .secret = text(begun, "secret")};
  BOOST_TEST(
      daemon.cli({"enroll", "confirm", late.id, "--code", late.code_at(now(daemon))}).exit_code ==
      5);
  for (const std::string user : {"berta", "carla", "dora"})
    BOOST_TEST(text(told(daemon, {"user", "show", user}), "factors") == "0", user);
}

BOOST_AUTO_TEST_CASE(T48_a_temporary_code_changes_no_phone) {
  const Firm firm;
  const std::string code = text(
      told(firm.daemon,
           std::vector<std::string>{"enroll", "temporary-code", "--user", "help", "--uses", "3"} +
               firm.Desk::as(firm.boss)),
      "code");
  BOOST_TEST(firm.as(games_uid, "POST", "/v1/enrollments",
                     R"({"user":"help","kind":"sms","to":"+491701111111","code":")" + code + "\"}")
                 .code() == "not_permitted");
  BOOST_TEST(firm.as(games_uid, "POST", "/v1/enrollments",
                     R"({"user":"help","kind":"backup-codes","code":")" + code + "\"}")
                 .code() == "not_permitted");
}

BOOST_AUTO_TEST_SUITE_END()
