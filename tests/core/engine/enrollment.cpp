// SPDX-License-Identifier: Apache-2.0
#include "core/engine/enrollment/enrollment.h"

#include "core/engine/administration/authenticators.h"
#include "core/engine/administration/upkeep.h"
#include "tests/core/engine/fixture.h"

using namespace countersign;
using namespace std::chrono_literals;
using countersign::test::EngineFixture;

namespace {

struct Fixture : EngineFixture {
  engine::Enrollment begin(const Caller& caller, Kind kind = Kind::totp) {
    engine::Enrollment enrollment;
    engine::begin_enrollment(
        context,
        {.caller = caller, .user = "alice", .kind = kind, .label = {}, .serial = {}, .secret = {}},
        [&](Result<engine::Enrollment> begun) {
          BOOST_TEST_REQUIRE(begun.has_value());
          enrollment = std::move(*begun);
        });
    return enrollment;
  }
  std::string first_code(const engine::Enrollment& enrollment) {
    return hotp::code_at(enrollment.oath, enrollment.secret,
                         totp::step_at(enrollment.oath, clock.wall()));
  }
  Result<AuthenticatorId> confirm(const Caller& caller, const std::string& id,
                                  const std::string& code, bool administers = false) {
    Result<AuthenticatorId> answer;
    engine::confirm_enrollment(context,
                               {.caller = caller,
                                .administers = administers,
                                .id = id,
                                .code = std::move(*parse_code(code))},
                               [&](Result<AuthenticatorId> bound) { answer = std::move(bound); });
    return answer;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(enrollment, Fixture)

BOOST_AUTO_TEST_CASE(it_counts_only_after_the_first_code_which_is_used_then) {
  add_user("alice");
  const auto pending = begin(admin);
  const std::string code = first_code(pending);
  BOOST_TEST((verify("alice", code).reason() == Reason::no_factor));
  BOOST_TEST(confirm(admin, pending.id, code).has_value());
  BOOST_TEST((verify("alice", code).reason() == Reason::used_code));
  BOOST_TEST((confirm(admin, pending.id, code).error().code == Code::not_found));
}

BOOST_AUTO_TEST_CASE(five_wrong_first_codes_end_it) {
  add_user("alice");
  const auto pending = begin(admin);
  for (int i = 0; i < 4; ++i)
    BOOST_TEST((confirm(admin, pending.id, "000000").error().code == Code::invalid));
  BOOST_TEST((confirm(admin, pending.id, "000000").error().code == Code::exhausted));  // the last
  BOOST_TEST((confirm(admin, pending.id, first_code(pending)).error().code == Code::not_found));
}

BOOST_AUTO_TEST_CASE(it_lapses_after_an_hour) {
  add_user("alice");
  const auto pending = begin(admin);
  clock.pass(61min);
  BOOST_TEST((confirm(admin, pending.id, first_code(pending)).error().code == Code::not_found));
}

BOOST_AUTO_TEST_CASE(another_caller_can_not_confirm_it_an_administrator_can) {
  add_user("alice");
  const Caller alice{.uid = 1000, .pid = 2, .service = {}};
  const Caller mallory{.uid = 1001, .pid = 3, .service = {}};
  const auto pending = begin(alice);
  BOOST_TEST((confirm(mallory, pending.id, first_code(pending)).error().code == Code::not_found));
  BOOST_TEST(confirm(admin, pending.id, first_code(pending), true).has_value());
}

BOOST_AUTO_TEST_CASE(a_failed_commit_loses_nothing) {
  add_user("alice");
  const auto pending = begin(admin);
  store.fail_commits(true);
  BOOST_TEST(!confirm(admin, pending.id, first_code(pending)).has_value());
  store.fail_commits(false);
  BOOST_TEST(confirm(admin, pending.id, first_code(pending)).has_value());
}

BOOST_AUTO_TEST_CASE(one_caller_can_not_fill_the_volatile_part) {
  add_user("alice");
  const Caller alice{.uid = 1000, .pid = 2, .service = {}};
  Result<engine::Enrollment> last;
  for (std::size_t i = 0; i <= context.rules.pending_per_caller; ++i)
    engine::begin_enrollment(
        context, {.caller = alice, .user = "alice", .label = {}, .serial = {}, .secret = {}},
        [&](Result<engine::Enrollment> begun) { last = std::move(begun); });
  BOOST_TEST_REQUIRE(!last.has_value());
  BOOST_TEST((last.error().code == Code::exhausted));
}

BOOST_AUTO_TEST_CASE(resync_finds_a_hotp_counter_by_two_codes_in_order) {
  add_user("alice");
  const auto token = bind("alice", Kind::hotp);
  const auto at = [&](std::int64_t counter) {
    return std::move(*parse_code(hotp::code_at(token.oath, token.secret, counter)));
  };
  const auto try_with = [&](std::int64_t first, std::int64_t second) {
    bool matched = false;
    engine::resync(context,
                   {.caller = admin, .id = token.id, .first = at(first), .second = at(second)},
                   [&](const Result<Authenticator>& done) { matched = done.has_value(); });
    return matched;
  };
  BOOST_TEST(!try_with(501, 500));
  BOOST_TEST(!try_with(500, 502));
  BOOST_TEST(!try_with(1400, 1401));
  BOOST_TEST(try_with(500, 501));
  BOOST_TEST(!try_with(500, 501));
  BOOST_TEST(verify("alice", hotp::code_at(token.oath, token.secret, 502)).verified());
}

BOOST_AUTO_TEST_CASE(T01_resync_finds_a_totp_clock_and_used_codes_stay_used) {
  add_user("alice");
  const auto token = bind("alice", Kind::totp);
  const auto try_with = [&](int first, int second) {
    Result<Authenticator> result;
    engine::resync(context,
                   {.caller = admin,
                    .id = token.id,
                    .first = std::move(*parse_code(totp_code(token, first))),
                    .second = std::move(*parse_code(totp_code(token, second)))},
                   [&](Result<Authenticator> done) { result = std::move(done); });
    return result;
  };
  BOOST_TEST(!verify("alice", totp_code(token, -7)).verified());
  BOOST_TEST(!try_with(-7, -5));
  BOOST_TEST(!try_with(-3000, -2999));
  BOOST_TEST(try_with(-7, -6).value().progress.detail == -6);
  BOOST_TEST(!try_with(-7, -6));
  BOOST_TEST(!verify("alice", totp_code(token, -6)).verified());
  BOOST_TEST(verify("alice", totp_code(token, -5)).verified());
  BOOST_TEST(!verify("alice", totp_code(token, 0)).verified());
  // Its window goes along with it from then on.
  clock.pass(std::chrono::hours(24));
  BOOST_TEST(verify("alice", totp_code(token, -6)).verified());
  engine::change_authenticator(context, admin, token.id, {.label = {}, .status = Status::suspended},
                               [](const Result<Authenticator>&) {});
  BOOST_TEST(!try_with(-4, -3));
}

BOOST_AUTO_TEST_CASE(what_may_not_answer_is_not_resynchronised) {
  add_user("alice");
  const auto token = bind("alice", Kind::totp);
  const auto code_of = [&](Result<Authenticator>& result) {
    engine::resync(context,
                   {.caller = admin,
                    .id = token.id,
                    .first = std::move(*parse_code(totp_code(token, 40))),
                    .second = std::move(*parse_code(totp_code(token, 41)))},
                   [&](Result<Authenticator> done) { result = std::move(done); });
    return result ? Code::internal : result.error().code;
  };
  Result<Authenticator> result;
  admit({Kind::hotp});
  BOOST_TEST((code_of(result) == Code::conflict));
  BOOST_TEST(result.error().what.contains("method-off"), result.error().what);
  admit({Kind::totp});
  clock.jump(-std::chrono::hours(48));
  BOOST_TEST((code_of(result) == Code::conflict));
  BOOST_TEST(store.authenticator({*id_from_text(token.id)})->progress.detail == 0);
}

BOOST_AUTO_TEST_CASE(
    T06_a_token_that_runs_ahead_has_shown_more_by_the_time_a_restored_store_was_accepted) {
  add_user("alice");
  const auto token = bind("alice", Kind::totp);
  engine::resync(context,
                 {.caller = admin,
                  .id = token.id,
                  .first = std::move(*parse_code(totp_code(token, 40))),
                  .second = std::move(*parse_code(totp_code(token, 41)))},
                 [](const Result<Authenticator>& done) { BOOST_TEST_REQUIRE(done.has_value()); });
  clock.pass(std::chrono::hours(1));
  floor = unix_ms(clock.wall());
  BOOST_TEST(!verify("alice", totp_code(token, 41)).verified());
  BOOST_TEST(verify("alice", totp_code(token, 42)).verified());
}

BOOST_AUTO_TEST_CASE(two_codes_confirm_a_token_that_is_off) {
  add_user("alice");
  const auto two = [&](Kind kind, int first, int second) {
    Result<engine::Enrollment> pending;
    engine::begin_enrollment(
        context,
        {.caller = admin, .user = "alice", .kind = kind, .label = {}, .serial = {}, .secret = {}},
        [&](Result<engine::Enrollment> begun) { pending = std::move(begun); });
    BOOST_TEST_REQUIRE(pending.has_value());
    const Bound token{pending->id, pending->secret.copy(), pending->oath};
    const auto code = [&](int off) {
      return std::move(*parse_code(kind == Kind::hotp ? hotp::code_at(token.oath, token.secret, off)
                                                      : totp_code(token, off)));
    };
    std::vector<bool> bound;
    const auto confirm_with = [&](std::optional<TypedCode> next) {
      engine::confirm_enrollment(
          context, {.caller = admin, .id = token.id, .code = code(first), .next = std::move(next)},
          [&](const Result<AuthenticatorId>& done) { bound.push_back(done.has_value()); });
    };
    confirm_with({});
    confirm_with(code(second + 1));
    confirm_with(code(second));
    BOOST_TEST((bound == std::vector<bool>{false, false, true}));
    BOOST_TEST(!verify("alice", code(second).text.expose_text()).verified());
    return verify("alice", code(second + 1).text.expose_text()).verified();
  };
  BOOST_TEST(two(Kind::totp, -840, -839));
  BOOST_TEST(two(Kind::hotp, 500, 501));
}

BOOST_AUTO_TEST_CASE(T11_rotation_re_seals_everything_and_the_old_key_goes) {
  add_user("alice");
  const auto phone = bind("alice", Kind::totp);
  const auto before = store.authenticator({*id_from_text(phone.id)})->material;
  engine::rotate_data_key(
      context, admin, [](const Result<crypto::DataKeyId>& key) { BOOST_TEST(key.value() == 2U); });
  BOOST_TEST(engine::reseal_needed(context).value());
  AuthenticatorId next;
  do {
    engine::reseal_some(context, next, 10,
                        [&](const Result<AuthenticatorId>& after) { next = after.value(); });
  } while (next);
  BOOST_TEST(!engine::reseal_needed(context).value());
  const auto after = store.authenticator({*id_from_text(phone.id)})->material;
  BOOST_TEST(crypto::Vault::key_of(after) == 2U);
  BOOST_TEST(!vault.open(crypto::Purpose::authenticator, phone.id, before).has_value());
  BOOST_TEST(verify("alice", totp_code(phone)).verified());
}

BOOST_AUTO_TEST_SUITE_END()
