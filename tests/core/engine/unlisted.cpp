// SPDX-License-Identifier: Apache-2.0
#include "core/policy/unlisted.h"

#include "core/engine/verification/denials.h"
#include "core/engine/verification/security_key.h"
#include "core/engine/verification/yubico_otp.h"
#include "tests/core/engine/fixture.h"

using namespace countersign;
using namespace countersign::test;

namespace {

const Caller stranger{.uid = 1234, .pid = 1, .service = "shop"};
const Caller web{.uid = 33, .pid = 1, .service = "shop", .share = Share::others};

struct Flood : EngineFixture {
  Reason unknown_challenge(const Caller& caller) {
    Reason reason = Reason::none;
    engine::finish_assertion(
        context,
        {.caller = caller, .id = "zzzz", .credential_id = {1}, .signature = {}, .user_handle = {}},
        [&](const Verdict& verdict) { reason = verdict.reason(); });
    return reason;
  }
  Reason unknown_otp(const Caller& caller) {
    Reason reason = Reason::none;
    engine::verify_otp(
        context, {.caller = caller, .user = {}, .typed = Secret(std::string(44, 'c')), .tag = 0},
        [&](const engine::OtpVerdict& said) { reason = said.verdict.reason(); });
    return reason;
  }
  std::string last_line() {
    const auto sequence = store.head()->sequence;
    return store.events(sequence - 1, 1)->front().line;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(unlisted, Flood)

BOOST_AUTO_TEST_CASE(T55_what_nobody_can_be_named_for_is_counted_not_listed) {
  const auto before = events();
  for (int i = 0; i < 500; ++i) {
    BOOST_TEST((unknown_challenge(stranger) == Reason::no_challenge));
    BOOST_TEST((unknown_otp(stranger) == Reason::unknown_token));
  }
  BOOST_TEST(events() - before == 10);
  engine::tell_unlisted(context, false);
  BOOST_TEST(events() - before == 10);  // the minute is not over
  clock.pass(Milliseconds(61'000));
  engine::tell_unlisted(context, false);
  BOOST_TEST(events() - before == 11);
  const std::string told = last_line();
  BOOST_TEST(told.find("uid:1234") != std::string::npos, told);
  BOOST_TEST(told.find(R"("reason":"too-many-to-list")") != std::string::npos, told);
  BOOST_TEST(told.find(R"("denials":"990")") != std::string::npos, told);
  (void)unknown_challenge(stranger);  // another minute
  BOOST_TEST(events() - before == 12);
}

BOOST_AUTO_TEST_CASE(T55_many_uids_have_one_bound_and_others_are_listed_all_the_same) {
  const auto before = events();
  for (std::uint32_t uid = 100'000; uid < 101'000; ++uid)
    for (int i = 0; i < 3; ++i) (void)unknown_challenge({.uid = uid, .pid = 1, .service = {}});
  BOOST_TEST(events() - before == 240);
  (void)unknown_challenge(web);
  BOOST_TEST(events() - before == 241);
}

BOOST_AUTO_TEST_CASE(T55_a_count_that_could_not_be_written_is_told_later) {
  for (int i = 0; i < 25; ++i) (void)unknown_challenge(stranger);
  store.fail_commits(true);
  engine::tell_unlisted(context, true);
  store.fail_commits(false);
  engine::tell_unlisted(context, true);
  BOOST_TEST(last_line().find(R"("denials":"15")") != std::string::npos, last_line());
}

BOOST_AUTO_TEST_CASE(denials_of_a_user_by_who_acts_for_others_are_all_listed) {
  add_user("alice");
  const auto before = events();
  for (int i = 0; i < 300; ++i)
    engine::verify_otp(
        context, {.caller = web, .user = "alice", .typed = Secret(std::string(44, 'c')), .tag = 0},
        [](const engine::OtpVerdict&) {});
  BOOST_TEST(events() - before == 300);
}

BOOST_AUTO_TEST_SUITE_END()
