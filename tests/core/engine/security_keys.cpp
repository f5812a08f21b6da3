// SPDX-License-Identifier: Apache-2.0
// Challenges of security keys in the engine: single-use, expiring, bound to caller, purpose and
// user; and what a verdict rests on.
#include "core/engine/administration/authenticators.h"
#include "core/engine/enrollment/registration.h"
#include "core/engine/verification/begin.h"
#include "core/engine/verification/security_key.h"
#include "tests/core/engine/fixture.h"
#include "tests/core/webauthn/soft_authenticator.h"

using namespace countersign;
using namespace std::chrono_literals;
using countersign::test::EngineFixture;

namespace {

struct Fixture : EngineFixture {
  Fixture() {
    context.rules.fido2.rp = {.id = "example.org", .origins = {"https://example.org"}};
    add_user("alice");
    add_user("bob");
  }

  engine::RegistrationOptions begin_registration(const Caller& caller, const std::string& user) {
    Result<engine::RegistrationOptions> options;
    engine::begin_registration(context, {.caller = caller, .user = user, .label = {}},
                               [&](auto begun) { options = std::move(begun); });
    BOOST_TEST_REQUIRE(options.has_value());
    return std::move(*options);
  }
  Result<AuthenticatorId> finish_registration(const Caller& caller, const std::string& id,
                                              const test::Registration& ceremony) {
    const auto made = ceremony.make();
    Result<AuthenticatorId> bound;
    engine::finish_registration(context,
                                {.caller = caller,
                                 .id = id,
                                 .client_data_json = made.client_data,
                                 .attestation_object = made.object,
                                 .model = {}},
                                [&](auto done) { bound = std::move(done); });
    return bound;
  }
  // A key of this user, with a credential id of its own.
  Result<AuthenticatorId> enroll(const std::string& user, const test::SigningKey& key, Byte id) {
    const auto options = begin_registration(admin, user);
    test::Registration ceremony =
        test::Registration::of(webauthn::AttestationFormat::none, authority);
    ceremony.said.challenge = options.challenge;
    ceremony.id = Bytes(32, id);
    ceremony.key = key;
    return finish_registration(admin, options.id, ceremony);
  }

  std::expected<engine::AssertionOptions, Verdict> begin(const Caller& caller,
                                                         std::optional<std::string> user) {
    std::expected<engine::AssertionOptions, Verdict> options = std::unexpected(Verdict());
    engine::begin_assertion(context, {.caller = caller, .user = std::move(user)},
                            [&](auto begun) { options = std::move(begun); });
    return options;
  }
  Verdict finish(const Caller& caller, const std::string& id,
                 const test::Authentication& ceremony) {
    const auto made = ceremony.make();
    Verdict verdict;
    engine::finish_assertion(context,
                             {.caller = caller,
                              .id = id,
                              .credential_id = made.id,
                              .client_data_json = made.client_data,
                              .authenticator_data = made.authenticator_data,
                              .signature = made.signature,
                              .user_handle = made.user_handle},
                             [&](Verdict given) { verdict = std::move(given); });
    return verdict;
  }
  static test::Authentication answer(const engine::AssertionOptions& options,
                                     const test::SigningKey& key, Byte id,
                                     std::uint32_t counter = 6) {
    test::Authentication ceremony;
    ceremony.said.challenge = options.challenge;
    ceremony.said.counter = counter;
    ceremony.id = Bytes(32, id);
    ceremony.key = key;
    return ceremony;
  }
  std::int64_t counter_of(const Result<AuthenticatorId>& id) {
    return store.authenticator(*id).value().progress.counter;
  }

  test::Authority authority;
  test::SigningKey alices, bobs;
  Caller other{.uid = 4711, .pid = 1, .service = {}};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(security_keys, Fixture)

BOOST_AUTO_TEST_CASE(T23_a_challenge_is_answered_once) {
  BOOST_TEST_REQUIRE(enroll("alice", alices, 1).has_value());
  const auto options = begin(admin, "alice");
  BOOST_TEST_REQUIRE(options.has_value());
  BOOST_TEST(finish(admin, options->id, answer(*options, alices, 1)).verified());
  const Verdict again = finish(admin, options->id, answer(*options, alices, 1, 7));
  BOOST_TEST(!again.verified());
  BOOST_TEST((again.reason() == Reason::no_challenge));
}

BOOST_AUTO_TEST_CASE(T23_a_wrong_answer_uses_it_up_too) {
  BOOST_TEST_REQUIRE(enroll("alice", alices, 1).has_value());
  const auto options = begin(admin, "alice");
  BOOST_TEST(finish(admin, options->id, answer(*options, bobs, 1)).why() == "bad-signature");
  BOOST_TEST(
      (finish(admin, options->id, answer(*options, alices, 1)).reason() == Reason::no_challenge));
}

BOOST_AUTO_TEST_CASE(T23_it_dies_after_five_minutes) {
  BOOST_TEST_REQUIRE(enroll("alice", alices, 1).has_value());
  const auto options = begin(admin, "alice");
  clock.pass(5min);
  BOOST_TEST(
      (finish(admin, options->id, answer(*options, alices, 1)).reason() == Reason::no_challenge));
}

BOOST_AUTO_TEST_CASE(T23_it_is_of_one_caller_service_and_purpose) {
  BOOST_TEST_REQUIRE(enroll("alice", alices, 1).has_value());
  const auto options = begin(admin, "alice");
  BOOST_TEST(options->challenge.size() == 32U);
  BOOST_TEST(
      (finish(other, options->id, answer(*options, alices, 1)).reason() == Reason::no_challenge));
  BOOST_TEST(
      (finish({.uid = 0, .pid = 1, .service = "sudo"}, options->id, answer(*options, alices, 1))
           .reason() == Reason::no_challenge));
  BOOST_TEST(finish(admin, options->id, answer(*options, alices, 1))
                 .verified());  // still there for whom it is

  const auto registration = begin_registration(admin, "alice");
  engine::AssertionOptions crossed{.id = registration.id, .challenge = registration.challenge};
  BOOST_TEST(!finish(admin, registration.id, answer(crossed, alices, 1, 8)).verified());
}

BOOST_AUTO_TEST_CASE(T26_the_named_user_must_be_the_keys_own) {
  BOOST_TEST_REQUIRE(enroll("alice", alices, 1).has_value());
  BOOST_TEST_REQUIRE(enroll("bob", bobs, 2).has_value());
  const auto options = begin(admin, "alice");
  BOOST_TEST(
      (finish(admin, options->id, answer(*options, bobs, 2)).reason() == Reason::unknown_token));
}

BOOST_AUTO_TEST_CASE(T25_a_credential_is_bound_once_for_anybody) {
  BOOST_TEST_REQUIRE(enroll("alice", alices, 1).has_value());
  const auto taken = enroll("bob", bobs, 1);
  BOOST_TEST_REQUIRE(!taken.has_value());
  BOOST_TEST((taken.error().code == Code::exists));
}

BOOST_AUTO_TEST_CASE(a_token_says_who_it_is_and_must_say_it) {
  BOOST_TEST_REQUIRE(enroll("alice", alices, 1).has_value());
  const auto options = begin(admin, std::nullopt);
  BOOST_TEST_REQUIRE(options.has_value());
  BOOST_TEST(options->allowed.empty());
  BOOST_TEST(
      !finish(admin, options->id, answer(*options, alices, 1)).verified());  // no user handle
  const auto second = begin(admin, std::nullopt);
  auto ceremony = answer(*second, alices, 1);
  ceremony.user_handle = begin_registration(admin, "alice").user_handle;
  const Verdict verdict = finish(admin, second->id, ceremony);
  BOOST_TEST(verdict.verified());
  BOOST_TEST(verdict.user() == "alice");
}

BOOST_AUTO_TEST_CASE(denials_at_the_beginning_are_recorded_and_say_why) {
  BOOST_TEST((begin(admin, "alice").error().reason() == Reason::no_factor));
  BOOST_TEST((begin(admin, "nobody").error().reason() == Reason::unknown_user));
  BOOST_TEST_REQUIRE(enroll("alice", alices, 1).has_value());
  engine::change_user(context, admin, "alice", {.suspended = true}, [](const auto&) {});
  BOOST_TEST((begin(admin, "alice").error().reason() == Reason::user_suspended));
  store.fail_commits(true);
  BOOST_TEST((begin(admin, "nobody").error().reason() == Reason::unavailable));
}

BOOST_AUTO_TEST_CASE(T04_what_could_not_be_recorded_is_no_accept) {
  BOOST_TEST_REQUIRE(enroll("alice", alices, 1).has_value());
  const auto options = begin(admin, "alice");
  store.fail_commits(true);
  BOOST_TEST(
      (finish(admin, options->id, answer(*options, alices, 1)).reason() == Reason::unavailable));
  store.fail_commits(false);
  BOOST_TEST(
      (finish(admin, options->id, answer(*options, alices, 1)).reason() == Reason::no_challenge));
}

// Some makers attest with certificates of a few days. What was judged then is judged by then.
BOOST_AUTO_TEST_CASE(T28_an_attestation_is_judged_by_the_time_of_its_registration) {
  const auto begun = begin_registration(admin, "alice");
  test::Registration ceremony =
      test::Registration::of(webauthn::AttestationFormat::packed, authority);
  ceremony.said.challenge = begun.challenge;
  ceremony.certificate.from = unix_seconds(clock.wall()) - 60;
  ceremony.certificate.until = unix_seconds(clock.wall()) + 3 * 86'400;
  engine::AttestationRules rules{.rule = webauthn::AttestationRule::trusted,
                                 .roots = {authority.certificate().der()}};
  engine::set_attestation(context, admin, rules, Basis::bootstrap(),
                          [](auto set) { BOOST_TEST(set.has_value()); });
  BOOST_TEST_REQUIRE(finish_registration(admin, begun.id, ceremony).has_value());
  clock.pass(std::chrono::days(90));
  BOOST_TEST(engine::keys_at_risk(context).value().empty());
  rules.allowed = {ceremony.aaguid};
  engine::set_attestation(context, admin, rules, Basis::bootstrap(),
                          [](auto set) { BOOST_TEST(set.has_value()); });
  BOOST_TEST(engine::keys_at_risk(context).value().empty());
  // A key that comes now with such a certificate is refused.
  const auto late = begin_registration(admin, "bob");
  ceremony.said.challenge = late.challenge;
  ceremony.id = Bytes(32, 9);
  BOOST_TEST(finish_registration(admin, late.id, ceremony)
                 .error()
                 .what.starts_with("attestation-untrusted"));
}

// T23: a challenge is for what it was made for, and used up by the attempt.
BOOST_AUTO_TEST_CASE(T23_a_challenge_of_an_enrolment_verifies_nobody) {
  BOOST_TEST_REQUIRE(enroll("alice", alices, 1).has_value());
  const auto begun = begin_registration(admin, "alice");
  const engine::AssertionOptions as_if{.id = begun.id, .challenge = begun.challenge};
  BOOST_TEST((finish(admin, begun.id, answer(as_if, alices, 1)).reason() == Reason::no_challenge));
  const auto asked = begin(admin, "alice");
  test::Registration ceremony =
      test::Registration::of(webauthn::AttestationFormat::none, authority);
  ceremony.said.challenge = asked->challenge;
  ceremony.id = Bytes(32, 7);
  ceremony.key = bobs;
  BOOST_TEST((finish_registration(admin, asked->id, ceremony).error().code == Code::not_found));
}

BOOST_AUTO_TEST_CASE(T27_the_stored_counter_only_goes_up) {
  const auto id = enroll("alice", alices, 1);
  const auto try_with = [&](std::uint32_t counter) {
    const auto options = begin(admin, "alice");
    return finish(admin, options->id, answer(*options, alices, 1, counter));
  };
  BOOST_TEST(try_with(10).verified());
  BOOST_TEST(counter_of(id) == 10);
  BOOST_TEST(try_with(4).verified());  // told, not refused, unless the rule says so
  BOOST_TEST(counter_of(id) == 10);
  BOOST_TEST(store.events(store.head()->sequence - 1, 1)->front().line.contains("went-back"));
  context.rules.fido2.counter = webauthn::CounterRule::refuse;
  BOOST_TEST(try_with(10).why() == "counter-went-back");
  BOOST_TEST(store.events(store.head()->sequence - 1, 1)->front().line.contains("went-back"));
  BOOST_TEST(try_with(11).verified());
}

BOOST_AUTO_TEST_CASE(D1_keys_that_policy_does_not_admit_verify_nothing) {
  BOOST_TEST_REQUIRE(enroll("alice", alices, 1).has_value());
  const auto options = begin(admin, "alice");
  admit({Kind::totp});
  BOOST_TEST((begin(admin, "alice").error().reason() == Reason::no_factor));  // nor is it asked for
  const Verdict verdict = finish(admin, options->id, answer(*options, alices, 1));
  BOOST_TEST((verdict.reason() == Reason::no_factor));
  BOOST_TEST(verdict.why() == "method-off");
  admit({Kind::fido2});
  const auto again = begin(admin, "alice");
  BOOST_TEST(finish(admin, again->id, answer(*again, alices, 1)).verified());
}

BOOST_AUTO_TEST_CASE(C3_a_forgotten_key_verifies_nothing_before_its_row_is_revoked) {
  BOOST_TEST_REQUIRE(enroll("alice", alices, 1).has_value());
  const auto options = begin(admin, "alice");
  const auto by_itself = begin(admin, std::nullopt);
  const Bytes alice = begin_registration(admin, "alice").user_handle;
  clock.pass(1min);
  sign_ins.policies.use(
      {.policies = {.by_audience = {{"staff", Policy{.methods = {Kind::fido2},
                                                     .enrolled_since = clock.wall()}}}}});
  BOOST_TEST(finish(admin, options->id, answer(*options, alices, 1)).why() == "forgotten");
  auto ceremony = answer(*by_itself, alices, 1);
  ceremony.user_handle = alice;
  BOOST_TEST(finish(admin, by_itself->id, ceremony).why() == "forgotten");
  BOOST_TEST((begin(admin, "alice").error().reason() == Reason::no_factor));
  BOOST_TEST_REQUIRE(enroll("alice", bobs, 2).has_value());  // again
  const auto again = begin(admin, "alice");
  BOOST_TEST(again->allowed.size() == 1U);
  BOOST_TEST(finish(admin, again->id, answer(*again, bobs, 2)).verified());
}

BOOST_AUTO_TEST_CASE(a_suspended_or_revoked_key_is_nobodys) {
  const auto id = enroll("alice", alices, 1);
  BOOST_TEST_REQUIRE(enroll("alice", bobs, 2).has_value());
  const auto options = begin(admin, "alice");
  BOOST_TEST(options->allowed.size() == 2U);
  engine::change_authenticator(context, admin, to_text(*id), {.status = Status::suspended},
                               [](const auto&) {});
  BOOST_TEST(
      (finish(admin, options->id, answer(*options, alices, 1)).reason() == Reason::unknown_token));
  BOOST_TEST(begin(admin, "alice")->allowed.size() == 1U);
}

BOOST_AUTO_TEST_CASE(T50_a_software_key_counts_on_demo_stores_alone) {
  const auto virtual_key = [&] {
    const auto options = begin_registration(admin, "alice");
    test::Registration ceremony =
        test::Registration::of(webauthn::AttestationFormat::none, authority);
    ceremony.said.challenge = options.challenge;
    std::ranges::copy(as_bytes("countersign-virt"), ceremony.aaguid.begin());
    return finish_registration(admin, options.id, ceremony);
  };
  BOOST_TEST(!virtual_key().has_value());
  context.rules.fido2.virtual_tokens = true;
  BOOST_TEST(virtual_key().has_value());
}

BOOST_AUTO_TEST_SUITE_END()
