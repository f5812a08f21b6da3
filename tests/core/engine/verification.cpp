// SPDX-License-Identifier: Apache-2.0
#include "core/engine/verification/code.h"

#include <fmt/format.h>

#include "core/crypto/hmac.h"
#include "core/engine/administration/upkeep.h"
#include "core/engine/enrollment/temporary_code.h"
#include "core/engine/verification/begin.h"
#include "core/engine/verification/security_key.h"
#include "tests/core/engine/fixture.h"

using namespace countersign;
using namespace std::chrono_literals;
using countersign::test::EngineFixture;

BOOST_FIXTURE_TEST_SUITE(verification, EngineFixture)

BOOST_AUTO_TEST_CASE(a_verdict_is_denied_by_default) {
  BOOST_TEST(!Verdict().verified());
  BOOST_TEST(!Verdict(Reason::none).verified());
  BOOST_TEST((Verdict(Reason::none).reason() == Reason::denied));
}

BOOST_AUTO_TEST_CASE(T01_a_code_is_accepted_once_and_no_step_before_it_ever) {
  add_user("alice");
  const auto phone = bind("alice", Kind::totp);
  const std::string earlier = totp_code(phone, -1);
  const std::string now = totp_code(phone);
  const Verdict verdict = verify("alice", now);
  BOOST_TEST(verdict.verified());
  BOOST_TEST(to_text(verdict.authenticator()) == phone.id);
  BOOST_TEST(verdict.aal() == 1);
  BOOST_TEST((verdict.amr() == std::vector<std::string>{"otp"}));
  BOOST_TEST((verify("alice", now).reason() == Reason::used_code));
  BOOST_TEST((verify("alice", earlier).reason() == Reason::used_code));
  clock.pass(30s);
  BOOST_TEST((verify("alice", now).reason() == Reason::used_code));
  BOOST_TEST(verify("alice", totp_code(phone)).verified());
}

BOOST_AUTO_TEST_CASE(T01_hotp_counters_only_go_up) {
  add_user("alice");
  const auto token = bind("alice", Kind::hotp);
  const std::string third = hotp::code_at(token.oath, token.secret, 2);
  BOOST_TEST(verify("alice", third).verified());
  for (int counter = 0; counter <= 2; ++counter)
    BOOST_TEST(!verify("alice", hotp::code_at(token.oath, token.secret, counter)).verified());
  BOOST_TEST(
      verify("alice", hotp::code_at(token.oath, token.secret, 13)).verified());  // ten presses lost
  BOOST_TEST(!verify("alice", hotp::code_at(token.oath, token.secret, 25)).verified());
}

BOOST_AUTO_TEST_CASE(T04_what_can_not_be_recorded_is_denied_and_may_be_tried_again) {
  add_user("alice");
  const auto phone = bind("alice", Kind::totp);
  store.fail_commits(true);
  BOOST_TEST((verify("alice", totp_code(phone)).reason() == Reason::unavailable));
  store.fail_commits(false);
  clock.pass(30s);
  BOOST_TEST(verify("alice", totp_code(phone)).verified());
}

BOOST_AUTO_TEST_CASE(T05_a_clock_that_jumps_or_lags_refuses_one_time_codes) {
  add_user("alice");
  const auto phone = bind("alice", Kind::totp);
  BOOST_TEST(verify("alice", totp_code(phone)).verified());
  clock.jump(std::chrono::hours(24 * 3650));
  BOOST_TEST((verify("alice", totp_code(phone)).reason() == Reason::clock));
  clock.jump(-std::chrono::hours(24 * 3650));
  clock.pass(60s);
  BOOST_TEST(verify("alice", totp_code(phone)).verified());
  clock.jump(-std::chrono::hours(24));
  BOOST_TEST((verify("alice", totp_code(phone)).reason() == Reason::clock));
}

BOOST_AUTO_TEST_CASE(T06_a_restored_store_refuses_one_time_codes_until_an_admin_accepts_it) {
  add_user("alice");
  const auto phone = bind("alice", Kind::totp);
  const std::string seen_before_the_restore = totp_code(phone);
  store.set_restored(true);
  BOOST_TEST((verify("alice", seen_before_the_restore).reason() == Reason::restored_store));
  int suspended = -1;
  engine::resync_store(context, admin,
                       [&](const Result<int>& done) { suspended = done.value_or(-1); });
  BOOST_TEST(suspended == 0);
  BOOST_TEST(!verify("alice", seen_before_the_restore).verified());
  clock.pass(30s);
  BOOST_TEST(verify("alice", totp_code(phone)).verified());
}

BOOST_AUTO_TEST_CASE(T07_after_ten_failures_even_the_right_code_waits) {
  add_user("alice");
  const auto phone = bind("alice", Kind::totp);
  for (std::uint32_t guess = 0; guess < 10; ++guess)
    BOOST_TEST((verify("alice", "000000", 100 + guess).reason() == Reason::wrong_code));
  const Verdict closed = verify("alice", totp_code(phone));
  BOOST_TEST((closed.reason() == Reason::throttled));
  BOOST_TEST_REQUIRE(closed.retry_at().has_value());
  const auto events_before = events();
  for (int i = 0; i < 50; ++i) (void)verify("alice", "000000");
  BOOST_TEST(events() == events_before);  // counted, not listed one by one
  clock.pass(31s);
  BOOST_TEST(verify("alice", totp_code(phone)).verified());
  const auto last = store.events(events() - 1, 1);
  BOOST_TEST(last->front().line.find(R"("denied_under_throttle":"51")") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(T07_a_success_clears_its_own_callers_failures_only) {
  add_user("alice");
  const auto phone = bind("alice", Kind::totp);
  for (int i = 0; i < 9; ++i) (void)verify("alice", "000000", 666);
  BOOST_TEST(verify("alice", totp_code(phone), 1000).verified());
  (void)verify("alice", "000000", 666);
  BOOST_TEST((verify("alice", "000000", 666).reason() == Reason::throttled));
}

BOOST_AUTO_TEST_CASE(T18_no_factor_is_no_bypass) {
  add_user("alice");
  BOOST_TEST((verify("alice", "123456").reason() == Reason::no_factor));
  const auto phone = bind("alice", Kind::totp);
  engine::reset_user(context, admin, "alice", Basis::bootstrap(),
                     [](const Result<int>& revoked) { BOOST_TEST(revoked.value() == 1); });
  BOOST_TEST(!verify("alice", totp_code(phone)).verified());
}

// That the store can't say who it is makes nobody an unknown user: there is no verdict about them.
BOOST_AUTO_TEST_CASE(T18_an_error_of_the_store_is_no_answer) {
  add_user("alice");
  const auto phone = bind("alice", Kind::totp);
  store.fail_reads(true);
  BOOST_TEST((verify("alice", totp_code(phone)).reason() == Reason::unavailable));
  BOOST_TEST((verify("nobody-of-that-name", "123456").reason() == Reason::unavailable));
  store.fail_reads(false);
  BOOST_TEST(verify("alice", totp_code(phone)).verified());
}

BOOST_AUTO_TEST_CASE(T32_every_denial_costs_the_same_hashes_and_commits) {
  add_user("alice");
  add_user("bob");
  add_user("carol");
  (void)bind("alice", Kind::totp);
  (void)bind("alice", Kind::hotp);
  engine::change_user(context, admin, "carol",
                      {.audience = {}, .phone = {}, .email = {}, .role = {}, .suspended = true},
                      [](const Result<User>&) {});
  for (const char* code : {"000000", "k7qm-3fzt-9w2x-v0hd"})
    for (const char* user : {"alice", "bob", "carol", "nobody-of-that-name"}) {
      const auto macs = crypto::Hmac::computed();
      const auto before = events();
      BOOST_TEST(!verify(user, code).verified());
      BOOST_TEST(crypto::Hmac::computed() - macs ==
                 (std::string_view(code).size() == 6 ? 32U : 0U));
      BOOST_TEST(events() == before + 1);
    }
}

BOOST_AUTO_TEST_CASE(a_suspended_user_is_denied_with_the_right_code) {
  add_user("alice");
  const auto phone = bind("alice", Kind::totp);
  engine::change_user(context, admin, "alice",
                      {.audience = {}, .phone = {}, .email = {}, .role = {}, .suspended = true},
                      [](const Result<User>&) {});
  BOOST_TEST((verify("alice", totp_code(phone)).reason() == Reason::user_suspended));
}

BOOST_AUTO_TEST_CASE(T17_what_can_be_no_code_spends_no_try) {
  for (const char* typed : {"", "12345", "123456789", "12345a", "abcdef", "k7qm-3fzt-9w2x-v0h",
                            "k7qm-3fzt-9w2x-v0hdd", "u7qm-3fzt-9w2x-v0hd", " ", "-"})
    BOOST_TEST(!parse_code(typed).has_value(), typed);
  BOOST_TEST(!parse_code(std::string(1 << 20, '1')).has_value());
  BOOST_TEST(!parse_code(std::string_view("123\0"
                                          "456",
                                          7))
                  .has_value());
  BOOST_TEST(parse_code("123 456").value().text.expose_text() == "123456");
  BOOST_TEST(parse_code("K7QM 3fzt 9W2x-vOhd").value().text.expose_text() == "k7qm3fzt9w2xv0hd");
}

BOOST_AUTO_TEST_CASE(D1_a_method_that_is_off_verifies_nothing) {
  add_user("alice");
  const Bound bound = bind("alice", Kind::totp);
  admit({Kind::hotp});
  BOOST_TEST((verify("alice", totp_code(bound)).reason() == Reason::no_factor));
  admit({Kind::hotp, Kind::totp});
  BOOST_TEST(verify("alice", totp_code(bound)).verified());
}

// A second round runs where answers are delivered, on the daemon's one thread for all sockets.
BOOST_AUTO_TEST_CASE(T54_a_second_round_makes_no_slow_hash) {
  add_user("alice");
  Secret code;
  AuthenticatorId id;
  engine::begin_enrollment(context,
                           {.caller = admin,
                            .user = "alice",
                            .kind = Kind::backup_codes,
                            .label = {},
                            .serial = {},
                            .secret = {},
                            .count = 1},
                           [&](const Result<engine::Enrollment>& set) {
                             BOOST_TEST_REQUIRE(set.has_value());
                             code = set->codes.front().copy();
                             id.value = *id_from_text(set->id);
                           });
  const auto become = [&](Status status) {
    Authenticator row = store.authenticator(id).value();
    row.status = status;
    store.commit({.writes = {row}},
                 [](const Result<Applied>& done) { BOOST_TEST((done && *done == Applied::yes)); });
  };
  become(Status::suspended);
  store.before_next_commit([&] {
    become(Status::active);
    BOOST_TEST(!verify("alice", "000000").verified());  // so that the first round is in vain
  });
  BOOST_TEST(!verify("alice", code.expose_text()).verified());
  BOOST_TEST(verify("alice", code.expose_text()).verified());
}

BOOST_AUTO_TEST_CASE(T10_each_backup_code_works_once_and_a_new_set_ends_the_old) {
  add_user("alice");
  std::vector<std::string> codes;
  const auto issue = [&] {
    engine::begin_enrollment(context,
                             {.caller = admin,
                              .user = "alice",
                              .kind = Kind::backup_codes,
                              .label = {},
                              .serial = {},
                              .secret = {},
                              .count = 3},
                             [&](const Result<engine::Enrollment>& enrolled) {
                               BOOST_TEST_REQUIRE(enrolled.has_value());
                               for (const Secret& code : enrolled->codes)
                                 codes.emplace_back(code.expose_text());
                             });
  };
  issue();
  BOOST_TEST(verify("alice", codes[1]).verified());
  BOOST_TEST((verify("alice", codes[1]).reason() == Reason::used_code));
  BOOST_TEST(verify("alice", codes[0]).verified());
  issue();
  BOOST_TEST(!verify("alice", codes[2]).verified());
  BOOST_TEST(verify("alice", codes[5]).verified());
}

BOOST_AUTO_TEST_CASE(T07_a_used_temporary_code_is_no_guess) {
  add_user("alice");
  const auto make = [&] {
    std::string code;
    engine::make_temporary_code(
        context, {.caller = admin, .user = "alice", .basis = Basis::bootstrap()},
        [&](const Result<engine::TemporaryCode>& made) { code = made->code.expose_text(); });
    return code;
  };
  const std::string first = make();
  BOOST_TEST(verify("alice", first).verified());
  for (int i = 0; i < 20; ++i)
    BOOST_TEST((verify("alice", first).reason() == Reason::used_code));  // used up
  const std::string second = make();
  BOOST_TEST((verify("alice", first).reason() == Reason::used_code));  // replaced
  clock.pass(std::chrono::hours(24));
  for (int i = 0; i < 20; ++i)
    BOOST_TEST((verify("alice", second).reason() == Reason::used_code));  // over
  BOOST_TEST(verify("alice", make()).verified());
  for (int i = 0; i < 10; ++i) BOOST_TEST(!verify("alice", "0000-0000-0000-0000").verified());
  BOOST_TEST((verify("alice", first).reason() == Reason::throttled));  // real guesses do count
}

BOOST_AUTO_TEST_CASE(the_record_names_a_kind_only_where_it_is_known) {
  add_user("alice");
  const auto recorded_kind = [&](bool cards) {
    engine::begin_assertion(context, {.caller = admin, .user = "alice", .cards = cards},
                            [](const auto& options) { BOOST_TEST(!options.has_value()); });
    return store.events(events() - 1, 1)->front().line.contains(R"("kind":"fido2")");
  };
  BOOST_TEST(recorded_kind(false));  // a browser: nothing but a key could have answered
  BOOST_TEST(!recorded_kind(true));
}

BOOST_AUTO_TEST_SUITE_END()
