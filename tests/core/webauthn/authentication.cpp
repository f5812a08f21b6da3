// SPDX-License-Identifier: Apache-2.0
// Each step of WebAuthn L3 §7.2: an assertion with one thing changed is refused by the reason of
// that step, and by no other.
#include "core/webauthn/authentication.h"

#include <boost/test/unit_test.hpp>

#include <set>

#include "core/crypto/cose.h"
#include "tests/core/webauthn/soft_authenticator.h"

using namespace countersign;
using namespace countersign::test;
using namespace countersign::webauthn;
namespace cbor = formats::cbor;

namespace {

struct Expected {
  RelyingParty rp{.id = "example.org", .origins = {"https://example.org"}};
  Bytes challenge = Bytes(32, 0x07);
  Credential credential{.id = Bytes(32, 0x1D), .counter = 5};
  std::vector<Bytes> allowed;
  Bytes user_handle = {1, 2, 3};
  bool user_handle_needed = false;
  UserVerification user_verification = UserVerification::required;
  CounterRule counter_rule = CounterRule::refuse;
  std::optional<crypto::PublicKey> key;

  [[nodiscard]] AuthenticationJudgement judge(const Authentication& one,
                                              const Authentication::Made& made,
                                              Extent extent = Extent::first_failure) const {
    return judge_authentication(made.response(),
                                {.rp = rp,
                                 .challenge = challenge,
                                 .credential = credential,
                                 .key = key.value_or(one.key.public_key()),
                                 .allowed = allowed,
                                 .user_handle = user_handle,
                                 .user_handle_needed = user_handle_needed,
                                 .user_verification = user_verification,
                                 .counter_rule = counter_rule},
                                extent);
  }
};

struct Case {
  std::string_view what;
  Step step;
  std::function<void(Authentication&, Expected&)> change;
  std::function<void(Authentication::Made&)> change_made = {};
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"T26 another credential", Step::credential_allowed,
       [](Authentication& a, Expected&) { a.id[0] ^= 1; }},
      {"not one that was asked for", Step::credential_allowed,
       [](Authentication&, Expected& e) { e.allowed = {Bytes(32, 0x1E)}; }},
      {"T26 another user's handle", Step::user_handle,
       [](Authentication& a, Expected&) { a.user_handle = Bytes{1, 2, 4}; }},
      {"T26 an empty handle where nobody was named", Step::user_handle,
       [](Authentication& a, Expected& e) {
         a.user_handle = Bytes();
         e.user_handle_needed = true;
       }},
      {"T26 no handle where nobody was named", Step::user_handle,
       [](Authentication&, Expected& e) { e.user_handle_needed = true; }},
      {"not JSON", Step::client_data,
       [](Authentication& a, Expected&) { a.said.json = "nothing"; }},
      {"T22 type", Step::type,
       [](Authentication& a, Expected&) { a.said.type = "webauthn.create"; }},
      {"T22 challenge", Step::challenge,
       [](Authentication& a, Expected&) { a.said.challenge.back() ^= 1; }},
      {"T22 origin", Step::origin,
       [](Authentication& a, Expected&) { a.said.origin = "http://example.org"; }},
      {"T22 cross-origin", Step::cross_origin,
       [](Authentication& a, Expected&) { a.said.cross_origin = true; }},
      {"T22 top origin", Step::top_origin,
       [](Authentication& a, Expected& e) {
         e.rp.allow_cross_origin = true;
         a.said.top_origin = "https://evil.test";
       }},
      {"cut off", Step::authenticator_data, [](Authentication&, Expected&) {},
       [](Authentication::Made& made) { made.authenticator_data.resize(36); }},
      {"goes on", Step::authenticator_data, [](Authentication&, Expected&) {},
       [](Authentication::Made& made) { made.authenticator_data.push_back(0); }},
      {"T22 RP ID", Step::rp_id,
       [](Authentication& a, Expected&) { a.said.rp_id = "example.com"; }},
      {"T24 UP", Step::user_present, [](Authentication& a, Expected&) { a.said.flags = 0x04; }},
      {"T24 UV", Step::user_verified, [](Authentication& a, Expected&) { a.said.flags = 0x01; }},
      {"BS without BE", Step::backup_flags,
       [](Authentication& a, Expected&) { a.said.flags = 0x15; }},
      {"BE that was not", Step::backup_eligibility,
       [](Authentication& a, Expected&) { a.said.flags = 0x0D; }},
      {"BE that was", Step::backup_eligibility,
       [](Authentication&, Expected& e) { e.credential.backup_eligible = true; }},
      {"extension of another type", Step::extensions,
       [](Authentication& a, Expected&) {
         a.said.extensions = cbor::Value::map({{"hmac-secret", 1}});
       }},
      {"another key", Step::signature,
       [](Authentication&, Expected& e) { e.key = SigningKey().public_key(); }},
      {"T24 flags raised after signing", Step::signature,
       [](Authentication& a, Expected&) { a.said.flags = 0x01; },
       [](Authentication::Made& made) { made.authenticator_data[32] = 0x05; }},
      {"T22 client data changed after signing", Step::signature, [](Authentication&, Expected&) {},
       [](Authentication::Made& made) {
         made.client_data.insert(made.client_data.begin() + 1, ' ');
       }},
      {"no signature", Step::signature, [](Authentication&, Expected&) {},
       [](Authentication::Made& made) { made.signature.clear(); }},
      {"signature goes on", Step::signature, [](Authentication&, Expected&) {},
       [](Authentication::Made& made) { made.signature.push_back(0); }},
      {"T27 counter the same", Step::counter,
       [](Authentication& a, Expected&) { a.said.counter = 5; }},
      {"T27 counter lower", Step::counter,
       [](Authentication& a, Expected&) { a.said.counter = 4; }},
      {"T27 counter gone", Step::counter, [](Authentication& a, Expected&) { a.said.counter = 0; }},
  };
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(webauthn_authentication)

BOOST_AUTO_TEST_CASE(a_good_assertion_of_each_algorithm_is_accepted) {
  for (const auto& [algorithm, name] : enum_names<crypto::SignatureAlgorithm>) {
    Authentication one;
    one.key = SigningKey(algorithm);
    const auto made = Expected().judge(one, one.make());
    BOOST_TEST(made.accepted, name);
    BOOST_TEST(made.counter == 6U);
    BOOST_TEST(made.user_verified);
    BOOST_TEST(!made.counter_went_back);
    BOOST_TEST(!Expected{.key = SigningKey(algorithm).public_key()}.judge(one, one.make()).accepted,
               name);
  }
}

BOOST_AUTO_TEST_CASE(each_step_refuses_by_its_own_reason) {
  for (const Case& one : cases()) {
    Authentication assertion;
    Expected expected;
    one.change(assertion, expected);
    auto made = assertion.make();
    if (one.change_made) one.change_made(made);
    const auto judged = expected.judge(assertion, made);
    const auto refused = judged.report.refused();
    BOOST_TEST(!judged.accepted, one.what);
    BOOST_TEST((refused == one.step),
               one.what << " was refused as " << (refused ? reason_of(*refused) : "nothing"));
    const auto whole = expected.judge(assertion, made, Extent::all);
    BOOST_TEST((whole.report.outcome(one.step) == Outcome::failed), one.what);
    BOOST_TEST(!whole.accepted, one.what);
    BOOST_TEST(judged.counter == 0U);
  }
}

BOOST_AUTO_TEST_CASE(no_step_is_without_a_test) {
  std::set<Step> tested;
  for (const Case& one : cases()) tested.insert(one.step);
  for (const StepText& text : step_texts())
    if (!text.authentication.empty()) BOOST_TEST(tested.contains(text.step), text.reason);
}

BOOST_AUTO_TEST_CASE(what_only_a_new_enrolment_mends_is_said_in_words) {
  Authentication one;
  one.said.flags = 0x1D;  // may be synced, and is
  const auto refused = Expected().judge(one, one.make()).report.refused();
  BOOST_TEST_REQUIRE(refused.has_value());
  BOOST_TEST(advice_on(reason_of(*refused)).contains("Enroll it again"));
  BOOST_TEST(advice_on("wrong-origin").empty());
}

BOOST_AUTO_TEST_CASE(T27_a_counter_that_goes_back_is_told_and_never_stored) {
  Authentication one;
  one.said.counter = 3;
  Expected expected;
  expected.counter_rule = CounterRule::warn;
  const auto made = expected.judge(one, one.make());
  BOOST_TEST(made.accepted);
  BOOST_TEST(made.counter_went_back);
  BOOST_TEST(made.counter == 5U);
  BOOST_TEST((made.report.outcome(Step::counter) == Outcome::warned));
  BOOST_TEST(made.report.clean());
}

BOOST_AUTO_TEST_CASE(a_counter_that_is_not_used_is_no_matter) {
  Authentication one;
  one.said.counter = 0;
  Expected expected;
  expected.credential.counter = 0;
  BOOST_TEST(expected.judge(one, one.make()).accepted);
}

BOOST_AUTO_TEST_CASE(what_may_differ_may_differ) {
  const auto accepted = [](auto change) {
    Authentication one;
    Expected expected;
    change(one, expected);
    const auto made = expected.judge(one, one.make());
    const auto refused = made.report.refused();
    BOOST_TEST(made.accepted, (refused ? reason_of(*refused) : ""));
    return made;
  };
  accepted([](Authentication& a, Expected& e) {
    a.user_handle = e.user_handle;
    e.user_handle_needed = true;
  });
  accepted([](Authentication& a, Expected& e) { e.allowed = {Bytes{1}, a.id}; });
  accepted([](Authentication& a, Expected&) {
    a.user_handle = Bytes();
  });  // some browsers' way of leaving it out
  accepted([](Authentication& a, Expected& e) {
    e.user_verification = UserVerification::discouraged;
    a.said.flags = 0x01;
  });
  const auto backed_up = accepted([](Authentication& a, Expected& e) {
    e.credential.backup_eligible = true;
    a.said.flags = 0x1D;
  });
  BOOST_TEST(backed_up.backed_up);
}

BOOST_AUTO_TEST_CASE(all_that_is_wrong_is_told_when_asked) {
  Authentication one;
  one.said.origin = "https://evil.test";
  one.said.flags = 0x00;
  one.said.counter = 1;
  const auto made = Expected().judge(one, one.make(), Extent::all);
  for (const Step step : {Step::origin, Step::user_present, Step::user_verified, Step::counter})
    BOOST_TEST((made.report.outcome(step) == Outcome::failed), reason_of(step));
  BOOST_TEST((made.report.outcome(Step::signature) == Outcome::passed));
  BOOST_TEST(!made.accepted);
}

BOOST_AUTO_TEST_SUITE_END()
