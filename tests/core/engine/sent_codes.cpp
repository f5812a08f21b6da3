// SPDX-License-Identifier: Apache-2.0
#include "core/engine/enrollment/sent_enrollment.h"
#include "core/engine/verification/sending.h"

#include "tests/core/engine/fixture.h"

using namespace countersign;
using namespace std::chrono_literals;

namespace {

struct Fixture : test::EngineFixture {
  engine::SendBook book;
  Fixture() {
    context.rules.sending.countries = {"49"};
    add_user("alice");
    set("alice", {.phone = "+491701234567", .email = "alice@example.org"});
  }

  bool set(const std::string& name, engine::UserChange change) {
    bool done = false;
    engine::change_user(context, admin, name, std::move(change),
                        [&](const Result<User>& user) { done = user.has_value(); });
    return done;
  }

  Result<engine::CodeToSend> begin(Kind kind = Kind::sms, const std::string& bound_to = {},
                                   const Caller& caller = {
                                       .uid = 33, .pid = 5, .service = "shop"}) {
    Result<engine::CodeToSend> answer = fail(Code::internal, "no answer");
    engine::begin_sent_code(context, book,
                            {.caller = caller, .user = "alice", .kind = kind, .bound_to = bound_to},
                            [&](Result<engine::CodeToSend> sent) { answer = std::move(sent); });
    return answer;
  }
  // After the pause between two sends.
  engine::CodeToSend sent(Kind kind = Kind::sms, const std::string& bound_to = {},
                          const Caller& caller = {.uid = 33, .pid = 5, .service = "shop"}) {
    clock.pass(21s);
    auto answer = begin(kind, bound_to, caller);
    BOOST_TEST_REQUIRE(answer.has_value(), answer.error().what);
    return std::move(*answer);
  }

  Verdict type(std::string_view code, const std::string& challenge,
               const std::string& bound_to = {},
               const Caller& caller = {.uid = 33, .pid = 6, .service = "shop"},
               const std::string& user = "alice") {
    Result<TypedCode> typed = parse_sent_code(code);
    BOOST_TEST_REQUIRE(typed.has_value());
    Verdict verdict;
    engine::verify(context,
                   {.caller = caller,
                    .user = user,
                    .code = std::move(*typed),
                    .challenge = challenge,
                    .bound_to = bound_to},
                   [&](Verdict given) { verdict = std::move(given); });
    return verdict;
  }

  // Typed without saying which code it is.
  Verdict type_alone(std::string_view code, const std::string& bound_to = {},
                     const Caller& caller = {.uid = 33, .pid = 6, .service = "shop"},
                     std::optional<KindSet> kinds = {}, bool sent_too = true) {
    Result<TypedCode> typed = parse_sent_code(code);
    BOOST_TEST_REQUIRE(typed.has_value());
    Verdict verdict;
    engine::verify(context,
                   {.caller = caller,
                    .user = "alice",
                    .code = std::move(*typed),
                    .kinds = kinds,
                    .sent_too = sent_too,
                    .bound_to = bound_to},
                   [&](Verdict given) { verdict = std::move(given); });
    return verdict;
  }

  static std::string other(const Secret& code) {
    std::string wrong(code.expose_text());
    wrong[0] = wrong[0] == '9' ? '0' : static_cast<char>(wrong[0] + 1);
    return wrong;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sent_codes, Fixture)

BOOST_AUTO_TEST_CASE(a_code_on_file_verifies_once) {
  const engine::CodeToSend code = sent();
  BOOST_TEST(code.recipient == "+491701234567");
  BOOST_TEST(code.code.size() == 6U);
  const Verdict verdict = type(code.code.expose_text(), code.id);
  BOOST_TEST(verdict.verified());
  BOOST_TEST((verdict.kind() == Kind::sms));
  BOOST_TEST((verdict.amr() == std::vector<std::string>{"sms"}));
  BOOST_TEST(verdict.aal() == 1);
  BOOST_TEST(!verdict.authenticator());  // an administrator entered the number; nothing is bound
  const Verdict again = type(code.code.expose_text(), code.id);
  BOOST_TEST(!again.verified());
  BOOST_TEST((again.reason() == Reason::no_challenge));
}

BOOST_AUTO_TEST_CASE(a_code_finds_its_challenge_by_itself) {
  for (const Kind kind : {Kind::sms, Kind::email}) {
    const engine::CodeToSend code = sent(kind);
    BOOST_TEST((type_alone(other(code.code)).reason() == Reason::wrong_code));
    BOOST_TEST(type_alone(code.code.expose_text()).verified());
    BOOST_TEST(!type_alone(code.code.expose_text()).verified());  // once
  }
  // Both wait: each is found by its own digits.
  const engine::CodeToSend phone = sent(Kind::sms), mail = sent(Kind::email);
  if (phone.code.expose_text() == mail.code.expose_text()) return;
  BOOST_TEST((type_alone(mail.code.expose_text()).kind() == Kind::email));
  BOOST_TEST((type_alone(phone.code.expose_text()).kind() == Kind::sms));
}

BOOST_AUTO_TEST_CASE(T09_T23_without_a_challenge_only_ones_own_code_is_found) {
  const engine::CodeToSend code = sent();
  const std::string_view digits = code.code.expose_text();
  BOOST_TEST(!type_alone(digits, {}, {.uid = 34, .pid = 6, .service = "shop"})
                  .verified());  // another caller's
  BOOST_TEST(!type_alone(digits, {}, {.uid = 33, .pid = 6, .service = "bank"})
                  .verified());                             // for another service
  BOOST_TEST(!type_alone(digits, "sign-in 1").verified());  // within a sign-in
  BOOST_TEST(!type_alone(digits, {}, {.uid = 33, .pid = 6, .service = "shop"},
                         KindSet{Kind::totp, Kind::email})
                  .verified());  // not offered
  BOOST_TEST(!type_alone(digits, {}, {.uid = 33, .pid = 6, .service = "shop"}, {}, false)
                  .verified());  // a fresh verification takes none
  BOOST_TEST(type_alone(digits).verified());
  const engine::CodeToSend bound = sent(Kind::sms, "sign-in 1");
  BOOST_TEST(!type_alone(bound.code.expose_text()).verified());
  BOOST_TEST(!type_alone(bound.code.expose_text(), "sign-in 2").verified());
  BOOST_TEST(type_alone(bound.code.expose_text(), "sign-in 1").verified());
}

BOOST_AUTO_TEST_CASE(T07_T09_guesses_without_a_challenge_use_up_its_tries_and_the_budget) {
  const engine::CodeToSend code = sent();
  for (int i = 0; i < context.rules.sent.tries; ++i)
    BOOST_TEST((type_alone(other(code.code)).reason() == Reason::wrong_code));
  BOOST_TEST(!type_alone(code.code.expose_text()).verified());
  BOOST_TEST(!type(code.code.expose_text(), code.id).verified());
  for (int i = context.rules.sent.tries + 1; i < 10; ++i) (void)type_alone(other(code.code));
  BOOST_TEST((type_alone(other(code.code)).reason() == Reason::throttled));
}

BOOST_AUTO_TEST_CASE(T09_dead_after_ten_minutes) {
  const engine::CodeToSend code = sent();
  clock.pass(599s);
  const engine::CodeToSend mail = sent(Kind::email);
  clock.pass(600s);
  BOOST_TEST(!type(code.code.expose_text(), code.id).verified());
  BOOST_TEST(!type(mail.code.expose_text(), mail.id).verified());
  context.rules.sent.lives = 3600s;  // a policy that wants more does not get it
  const engine::CodeToSend late = sent();
  clock.pass(600s);
  BOOST_TEST(!type(late.code.expose_text(), late.id).verified());
}

BOOST_AUTO_TEST_CASE(T09_a_resend_kills_the_old_one) {
  const engine::CodeToSend first = sent();
  const engine::CodeToSend second = sent();
  if (first.code.expose_text() != second.code.expose_text())
    BOOST_TEST(!type(first.code.expose_text(), second.id).verified());
  BOOST_TEST(!type(first.code.expose_text(), first.id).verified());
  BOOST_TEST(type(second.code.expose_text(), second.id).verified());
}

BOOST_AUTO_TEST_CASE(T09_a_resend_during_a_wrong_try_kills_the_old_one_and_not_the_new_one) {
  for (const bool in_sign_in : {false, true}) {
    const std::string bound_to = in_sign_in ? "sign-in 1" : "";
    const engine::CodeToSend first = sent(Kind::sms, bound_to);
    clock.pass(21s);
    Result<engine::CodeToSend> second = fail(Code::internal, "not sent");
    store.before_next_commit([&] { second = begin(Kind::sms, bound_to); });
    BOOST_TEST((type(other(first.code), first.id, bound_to).reason() == Reason::wrong_code));
    BOOST_TEST_REQUIRE(second.has_value());
    BOOST_TEST(
        (type(first.code.expose_text(), first.id, bound_to).reason() == Reason::no_challenge));
    BOOST_TEST(type(second->code.expose_text(), second->id, bound_to).verified());
  }
}

BOOST_AUTO_TEST_CASE(T09_a_wrong_try_in_flight_does_not_hide_the_code) {
  const engine::CodeToSend code = sent();
  Verdict right;
  store.before_next_commit([&] { right = type(code.code.expose_text(), code.id); });
  BOOST_TEST(!type(other(code.code), code.id).verified());
  BOOST_TEST(right.verified());
  BOOST_TEST((type(code.code.expose_text(), code.id).reason() == Reason::no_challenge));
}

BOOST_AUTO_TEST_CASE(T02_the_right_code_twice_at_once_counts_once) {
  const engine::CodeToSend code = sent();
  Verdict second;
  store.before_next_commit([&] { second = type(code.code.expose_text(), code.id); });
  BOOST_TEST(type(code.code.expose_text(), code.id).verified());
  BOOST_TEST((second.reason() == Reason::no_challenge));
}

BOOST_AUTO_TEST_CASE(T09_a_failed_delivery_leaves_the_code_that_was_sent_since) {
  const engine::CodeToSend first = sent();
  const engine::CodeToSend second = sent();
  engine::sending_failed(context, admin, first, {Code::unavailable, "the gateway is down"});
  BOOST_TEST(type(second.code.expose_text(), second.id).verified());
}

BOOST_AUTO_TEST_CASE(T09_only_in_its_own_sign_in_challenge_caller_and_user) {
  add_user("bob");
  BOOST_TEST(set("bob", {.phone = "+491709999999"}));
  const engine::CodeToSend code = sent(Kind::sms, "sign-in 1");
  const std::string_view digits = code.code.expose_text();
  BOOST_TEST(!type(digits, code.id).verified());
  BOOST_TEST(!type(digits, code.id, "sign-in 2").verified());
  BOOST_TEST(!type(digits, "38g07q6acprjb", "sign-in 1").verified());
  BOOST_TEST(
      !type(digits, code.id, "sign-in 1", {.uid = 34, .pid = 5, .service = "shop"}).verified());
  BOOST_TEST(
      !type(digits, code.id, "sign-in 1", {.uid = 33, .pid = 5, .service = "bank"}).verified());
  BOOST_TEST(!type(digits, code.id, "sign-in 1", {.uid = 33, .pid = 5, .service = "shop"}, "bob")
                  .verified());
  BOOST_TEST(!type(digits, code.id, "sign-in 1", {.uid = 33, .pid = 5, .service = "shop"}, "nobody")
                  .verified());
  BOOST_TEST(!verify("alice", digits, 33).verified());        // nor as a code without a challenge
  BOOST_TEST(type(digits, code.id, "sign-in 1").verified());  // none of that has harmed it
}

BOOST_AUTO_TEST_CASE(T09_two_sign_ins_have_two_codes) {
  const engine::CodeToSend one = sent(Kind::sms, "sign-in 1");
  const engine::CodeToSend two = sent(Kind::sms, "sign-in 2");
  BOOST_TEST(type(two.code.expose_text(), two.id, "sign-in 2").verified());
  BOOST_TEST(type(one.code.expose_text(), one.id, "sign-in 1").verified());
}

BOOST_AUTO_TEST_CASE(T07_five_wrong_ones_kill_it_and_each_counts_for_the_user) {
  const engine::CodeToSend code = sent();
  const std::string wrong = other(code.code);
  for (int i = 0; i < 5; ++i) BOOST_TEST((type(wrong, code.id).reason() == Reason::wrong_code));
  BOOST_TEST((type(code.code.expose_text(), code.id).reason() == Reason::no_challenge));
  BOOST_TEST(consecutive_failures((*store.user_by_name("alice"))->throttle) == 5);
  const engine::CodeToSend next = sent();
  for (int i = 0; i < 4; ++i) (void)type(other(next.code), next.id);
  const engine::CodeToSend third = sent(Kind::email);
  (void)type(other(third.code), third.id);
  // Ten: the throttle has closed, for the right code and for sending another.
  BOOST_TEST((type(third.code.expose_text(), third.id).reason() == Reason::throttled));
  const auto refused = begin();
  BOOST_TEST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == Code::exhausted));
  clock.pass(31s);
  BOOST_TEST(type(third.code.expose_text(), third.id).verified());  // it waited along
}

BOOST_AUTO_TEST_CASE(T48_another_phone_kills_what_was_sent_to_the_old_one) {
  const engine::CodeToSend code = sent();
  BOOST_TEST(set("alice", {.phone = "+491701111111"}));
  BOOST_TEST(!type(code.code.expose_text(), code.id).verified());
}

BOOST_AUTO_TEST_CASE(T40_budgets_hold_and_the_text_says_until_when) {
  for (int i = 0; i < 5; ++i) (void)sent();
  clock.pass(21s);
  const auto refused = begin();
  BOOST_TEST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == Code::exhausted));
  BOOST_TEST(refused.error().what.contains("UTC"));
  BOOST_TEST(set("alice", {.phone = "+351912345678"}));
  BOOST_TEST((begin().error().code == Code::not_permitted));
}

BOOST_AUTO_TEST_CASE(who_has_nothing_on_file_or_is_suspended_is_sent_nothing) {
  BOOST_TEST(set("alice", {.phone = ""}));
  BOOST_TEST((begin().error().code == Code::not_found));
  BOOST_TEST(set("alice", {.suspended = true}));
  BOOST_TEST((begin(Kind::email).error().code == Code::not_permitted));
  BOOST_TEST((begin(Kind::totp).error().code == Code::invalid));
}

BOOST_AUTO_TEST_CASE(what_could_not_be_sent_is_dead) {
  const engine::CodeToSend code = sent();
  engine::sending_failed(context, admin, code, {Code::unavailable, "the gateway is down"});
  BOOST_TEST(!type(code.code.expose_text(), code.id).verified());
}

BOOST_AUTO_TEST_CASE(codes_and_numbers_are_in_no_event) {
  const engine::CodeToSend code = sent();
  (void)type(other(code.code), code.id);
  (void)type(code.code.expose_text(), code.id);
  const auto events = store.events(0, 1000);
  BOOST_TEST_REQUIRE(events.has_value());
  for (const audit::Record& record : *events) {
    BOOST_TEST(!record.line.contains(code.code.expose_text()));
    BOOST_TEST(!record.line.contains("1701234567"));
  }
}

BOOST_AUTO_TEST_CASE(enrolling_a_phone_by_the_code_that_came_to_it) {
  Result<engine::CodeToSend> begun = fail(Code::internal, "");
  engine::begin_sent_enrollment(context, book,
                                {.caller = admin,
                                 .user = "alice",
                                 .kind = Kind::sms,
                                 .recipient = "+491702222222",
                                 .label = "new phone"},
                                [&](Result<engine::CodeToSend> sent) { begun = std::move(sent); });
  BOOST_TEST_REQUIRE(begun.has_value());
  const auto confirm = [&](std::string_view code) {
    Result<AuthenticatorId> bound = fail(Code::internal, "");
    engine::confirm_enrollment(
        context, {.caller = admin, .id = begun->id, .code = std::move(*parse_sent_code(code))},
        [&](Result<AuthenticatorId> id) { bound = std::move(id); });
    return bound;
  };
  BOOST_TEST(!confirm(other(begun->code)).has_value());
  BOOST_TEST(!type(begun->code.expose_text(), begun->id)
                  .verified());  // it is for the enrolment, not for a verification
  const auto bound = confirm(begun->code.expose_text());
  BOOST_TEST_REQUIRE(bound.has_value(), bound.error().what);
  BOOST_TEST((*store.user_by_name("alice"))->user.phone == "+491702222222");
  BOOST_TEST(!confirm(begun->code.expose_text()).has_value());
  const engine::CodeToSend code = sent();
  BOOST_TEST(code.recipient == "+491702222222");
  BOOST_TEST((type(code.code.expose_text(), code.id).authenticator() == *bound));
  // T48: another number on file ends it.
  BOOST_TEST(set("alice", {.phone = "+491701111111"}));
  BOOST_TEST((store.authenticator(*bound)->status == Status::revoked));
}

BOOST_AUTO_TEST_CASE(a_malformed_number_is_not_enrolled) {
  for (const char* number :
       {"0170 1234567", "+49", "+0123456789", "+49170123456789012", "+49170\n1234567", "=1+1"}) {
    Error error;
    engine::begin_sent_enrollment(
        context, book,
        {.caller = admin, .user = "alice", .kind = Kind::sms, .recipient = number, .label = {}},
        [&](const Result<engine::CodeToSend>& sent) { error = sent ? Error{} : sent.error(); });
    BOOST_TEST((error.code == Code::invalid), number);
  }
}

BOOST_AUTO_TEST_SUITE_END()
