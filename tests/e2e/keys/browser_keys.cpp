// SPDX-License-Identifier: Apache-2.0
// Security keys and passkeys in a real browser: Chromium makes and signs what the daemon judges,
// with WebDriver's virtual authenticators.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <set>

#include "core/encoding/base64url.h"
#include "tests/e2e/support/browser_shop.h"

using namespace countersign;
using namespace countersign::test;

namespace {

const Json for_alice = {{"user", "alice"}};
const Json alice_passkey = {{"user", "alice"}, {"discoverable", true}, {"uv", "required"}};
const Json somebody = {{"uv", "required"}};  // whoever it is

// Sends what a browser answered once more, or to somewhere else.
Json answer_with(const Shop& shop, const std::string& ceremonies, const std::string& id,
                 const Json& credential, unsigned status = 200) {
  const client::Answer answer =
      shop.daemon.call("POST", "/v1/webauthn/" + ceremonies + "/" + id,
                       boost::json::serialize(Json{{"credential", credential}}));
  BOOST_TEST(answer.status == status, answer.body);
  return object_in(answer.body);
}

std::string octets_in(const std::string& text) {
  const auto octets = formats::base64url_decode(text).value();
  return std::string(octets.begin(), octets.end());
}

std::string said_in(const Shop::Ceremony& ceremony, std::string_view member) {
  return text(ceremony.credential().at("response").as_object(), member);
}

bool has_amr(const Json& verdict, std::string_view name) {
  return std::ranges::any_of(verdict.at("amr").as_array(), [&](const auto& each) {
    return std::string_view(each.as_string()) == name;
  });
}

std::size_t bound_to(const Shop& shop, const std::string& user) {
  return told(shop.daemon, {"authenticator", "list", "--user", user})
      .at("authenticators")
      .as_array()
      .size();
}

Json post(const Shop& shop, const std::string& target, const Json& body) {
  return ask(shop.daemon, "POST", target, boost::json::serialize(body));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(browser_keys)

BOOST_AUTO_TEST_CASE(a_person_registers_a_key_and_signs_in_with_it) {
  const std::vector<std::pair<std::string, Json>> keys = {
      {"with everything", {}},
      {"without user verification", {{"hasUserVerification", false}, {"isUserVerified", false}}},
      {"without resident keys", {{"hasResidentKey", false}}},
      {"neither",
       {{"hasResidentKey", false}, {"hasUserVerification", false}, {"isUserVerified", false}}},
      {"built in", {{"transport", "internal"}}},
      {"U2F",
       {{"protocol", "ctap1/u2f"},
        {"hasResidentKey", false},
        {"hasUserVerification", false},
        {"isUserVerified", false}}}};
  for (const auto& [name, options] : keys) {
    const Shop shop;
    const BrowserKey key(browser(), options);
    const Json bound = shop.bind({{"user", "alice"}, {"label", name}}).judged();
    BOOST_TEST(text(bound, "user") == "alice", name);
    BOOST_TEST(text(bound, "kind") == "fido2", name);
    BOOST_TEST(text(bound, "label") == name);
    for (int again = 0; again < 2; ++again) {
      const Json verdict = shop.sign_in(for_alice).judged();
      BOOST_TEST(text(verdict, "verdict") == "verified", name << boost::json::serialize(verdict));
      BOOST_TEST(text(verdict, "authenticator") == text(bound, "id"), name);
      const bool verifies = !options.contains("isUserVerified");
      BOOST_TEST(has_amr(verdict, "mfa") == verifies, name);
      BOOST_TEST(verdict.at("aal").as_int64() == (verifies ? 2 : 1),
                 name);  // what is not attested is not AAL 3
    }
  }
}

BOOST_AUTO_TEST_CASE(a_passkey_says_who_it_is) {
  const Shop shop;
  const BrowserKey key(browser());
  const auto bound = shop.bind(alice_passkey);
  BOOST_REQUIRE(key.credentials().size() == 1U);
  BOOST_TEST(key.credentials().at(0).at("isResidentCredential").as_bool());
  const auto done = shop.sign_in(somebody);
  BOOST_TEST(done.options().at("allowCredentials").as_array().empty());
  BOOST_TEST(done.outcome() == "verified");
  BOOST_TEST(text(done.judged(), "user") == "alice");
  BOOST_TEST(text(done.judged(), "authenticator") == text(bound.judged(), "id"));
  BOOST_TEST(shop.sign_in(for_alice).outcome() == "verified");
  (void)told(shop.daemon, {"user", "suspend", "alice"});
  BOOST_TEST(shop.sign_in(somebody).outcome() == "user-suspended");
}

BOOST_AUTO_TEST_CASE(C1_within_a_sign_in_a_browsers_key_is_bound_and_then_lets_in) {
  const Shop shop;
  const BrowserKey key(browser());
  const Ran set = shop.daemon.cli(
      {"policy", "set", "staff", "--mode", "required", "--methods", "fido2", "--yes"});
  BOOST_TEST_REQUIRE(set.exit_code == 0, set.err);
  const auto begin = [&](const char* user) {
    return post(shop, "/v1/sign-ins",
                {{"user", user}, {"service", "shop"}, {"primary", "password"}, {"here", false}});
  };
  const auto within = [&](const char* function, const Json& sign_in) {
    return Shop::Ceremony{
        browser().ceremony(function, {{"id", text(sign_in, "id")}}, {}, browser().page())};
  };
  const Json first = begin("alice");
  BOOST_TEST(text(first, "decision") == "enroll");
  BOOST_TEST(within("verify_within", first).said.at("begun").at("status").as_int64() ==
             409);  // she has none yet
  const Json bound = within("enroll_within", first).judged();
  BOOST_TEST(text(bound, "decision") == "allow");
  BOOST_TEST(text(bound, "because") == "enrolled");
  const Json second = begin("alice");
  BOOST_TEST(text(second, "decision") == "verify");
  BOOST_TEST(within("enroll_within", second).said.at("begun").at("status").as_int64() ==
             403);  // a password alone binds no second one
  const Shop::Ceremony let_in = within("verify_within", second);
  BOOST_TEST(text(let_in.judged(), "decision") == "allow");
  BOOST_TEST(text(let_in.judged(), "because") == "verified");
  BOOST_TEST(has_amr(let_in.judged(), "mfa"));
  BOOST_TEST(!text(let_in.judged(), "receipt").empty());
  BOOST_TEST(within("verify_within", second).said.at("begun").at("status").as_int64() ==
             409);  // decided already
}

// T23, T26, T47: what was signed for one person or outside does not let another one in.
BOOST_AUTO_TEST_CASE(T26_a_sign_in_takes_the_key_of_its_own_person_alone) {
  const Shop shop;
  const BrowserKey key(browser());
  (void)shop.bind({{"user", "alice"}});
  (void)shop.bind({{"user", "bob"}});
  const Ran set = shop.daemon.cli(
      {"policy", "set", "staff", "--mode", "required", "--methods", "fido2", "--yes"});
  BOOST_TEST_REQUIRE(set.exit_code == 0, set.err);
  const Json sign_in =
      post(shop, "/v1/sign-ins",
           {{"user", "alice"}, {"service", "shop"}, {"primary", "password"}, {"here", false}});
  const Json begun = post(shop, "/v1/webauthn/authentications", {{"user", "bob"}});
  const auto bobs =
      browser().ceremony("get_for", {{"publicKey", begun.at("publicKey")}}, {}, browser().page());
  const std::string path = "/v1/sign-ins/" + text(sign_in, "id") + "/authentications/";
  const Json refused =
      post(shop, path + text(begun, "id"), {{"credential", bobs.at("credential")}});
  BOOST_TEST(text(refused, "decision") == "verify");  // it waits on
  BOOST_TEST(text(refused, "reason") == "unknown-token");
  const Json again = post(shop, path + text(begun, "id"), {{"credential", bobs.at("credential")}});
  BOOST_TEST(text(again, "reason") == "no-challenge");  // used up
}

BOOST_AUTO_TEST_CASE(a_key_that_is_not_discoverable_does_not_say_who_it_is) {
  const Shop shop;
  const BrowserKey key(browser());
  (void)shop.bind(for_alice);
  BOOST_TEST(shop.sign_in(somebody, {{"timeout", 2000}}).outcome() == "NotAllowedError");
}

BOOST_AUTO_TEST_CASE(every_algorithm_of_the_browser) {
  const Shop shop;
  for (const int algorithm : {-7, -8, -257}) {
    const BrowserKey key(browser());
    const Json parameters = {
        {"pubKeyCredParams", boost::json::array{Json{{"type", "public-key"}, {"alg", algorithm}}}}};
    const auto bound = shop.bind(alice_passkey, parameters);
    BOOST_TEST(bound.credential().at("response").at("publicKeyAlgorithm").as_int64() == algorithm);
    BOOST_TEST(shop.sign_in(somebody).outcome() == "verified", algorithm);
  }
}

BOOST_AUTO_TEST_CASE(a_passkey_that_may_be_copied_is_software_to_us) {
  const Shop shop;
  const BrowserKey key(browser(), {{"transport", "internal"},
                                   {"defaultBackupEligibility", true},
                                   {"defaultBackupState", true}});
  (void)shop.bind(alice_passkey);
  const Json verdict = shop.sign_in(somebody).judged();
  BOOST_TEST(text(verdict, "verdict") == "verified");
  BOOST_TEST(has_amr(verdict, "swk"));
  BOOST_TEST(!has_amr(verdict, "hwk"));
}

BOOST_AUTO_TEST_CASE(T22_a_page_of_another_origin_is_refused) {
  const Shop shop;
  const BrowserKey key(browser());
  BOOST_TEST(shop.register_key(alice_passkey, {}, browser().look_alike()).outcome() ==
             "wrong-origin");
  BOOST_TEST(bound_to(shop, "alice") == 0U);
  (void)shop.bind(alice_passkey);
  BOOST_TEST(shop.sign_in(for_alice, {}, browser().look_alike()).outcome() == "wrong-origin");
  BOOST_TEST(shop.sign_in(somebody, {}, browser().look_alike()).outcome() == "wrong-origin");
  BOOST_TEST(shop.sign_in(somebody).outcome() == "verified");
  const Shop elsewhere(
      {},
      "[\"https://localhost\"]");  // the same page, where the configuration lists another origin
  BOOST_TEST(elsewhere.register_key(for_alice).outcome() == "wrong-origin");
}

BOOST_AUTO_TEST_CASE(T22_for_another_rp_id_the_browser_gives_nothing) {
  const Shop shop;
  const BrowserKey key(browser());
  (void)shop.bind(alice_passkey);
  BOOST_TEST(shop.register_key(for_alice, {}, browser().by_address()).outcome() == "SecurityError");
  BOOST_TEST(shop.sign_in(for_alice, {}, browser().by_address()).outcome() == "SecurityError");
  BOOST_TEST(shop.sign_in(for_alice, {{"rpId", "example.org"}}).outcome() == "SecurityError");
}

BOOST_AUTO_TEST_CASE(T22_inside_a_foreign_page_only_where_that_is_permitted) {
  const auto from_the_frame = [](const std::string& fido2) {
    const Shop shop(fido2);
    const BrowserKey key(browser());
    (void)shop.bind(alice_passkey);
    BOOST_TEST(shop.sign_in(somebody).outcome() == "verified");
    const auto framed = shop.sign_in(somebody, {}, browser().framed());
    BOOST_TEST(octets_in(said_in(framed, "clientDataJSON")).contains("\"crossOrigin\":true"));
    return framed.outcome();
  };
  BOOST_TEST(from_the_frame({}) == "cross-origin");
  BOOST_TEST(from_the_frame("allow_cross_origin = true\ntop_origins = [\"" + browser().other() +
                            "\"]\n") == "verified");
  BOOST_TEST(
      from_the_frame("allow_cross_origin = true\ntop_origins = [\"https://portal.example\"]\n") ==
      "wrong-top-origin");
}

BOOST_AUTO_TEST_CASE(T22_T23_another_challenge_or_ceremony_is_refused) {
  const Shop shop;
  const BrowserKey key(browser());
  const Json old = {{"challenge", "VGhlIGNoYWxsZW5nZSBvZiBzb21lYm9keSBlbHNlLiAg"}};
  BOOST_TEST(shop.register_key(for_alice, old).outcome() == "wrong-challenge");
  const auto bound = shop.bind(alice_passkey);
  BOOST_TEST(shop.sign_in(for_alice, old).outcome() == "wrong-challenge");
  // The client data of a registration in place of a sign-in's.
  const auto begun = shop.sign_in(for_alice, {{"timeout", 1000}, {"rpId", "example.org"}});
  Json mixed = shop.sign_in(for_alice).credential();
  mixed.at("response").as_object()["clientDataJSON"] =
      bound.credential().at("response").at("clientDataJSON");
  BOOST_TEST(text(answer_with(shop, "authentications", begun.id(), mixed), "reason") ==
             "wrong-type");
}

BOOST_AUTO_TEST_CASE(T23_a_challenge_is_answered_once) {
  const Shop shop;
  const BrowserKey key(browser());
  const auto bound = shop.bind(alice_passkey);
  (void)answer_with(shop, "registrations", bound.id(), bound.credential(), 404);
  BOOST_TEST(bound_to(shop, "alice") == 1U);
  std::set<std::string> challenges = {text(bound.options(), "challenge")};
  for (const Json& wanted : {for_alice, somebody}) {
    const auto done = shop.sign_in(wanted);
    BOOST_TEST(done.outcome() == "verified");
    BOOST_TEST(text(answer_with(shop, "authentications", done.id(), done.credential()), "reason") ==
               "no-challenge");
    challenges.insert(text(done.options(), "challenge"));
  }
  BOOST_TEST(challenges.size() == 3U);
  for (const std::string& each : challenges) BOOST_TEST(octets_in(each).size() >= 16U);
  // A refused answer uses its challenge up, too.
  const auto refused = shop.sign_in(for_alice, {}, browser().look_alike());
  BOOST_TEST(text(answer_with(shop, "authentications", refused.id(), refused.credential()),
                  "reason") == "no-challenge");
}

BOOST_AUTO_TEST_CASE(T23_an_answer_is_taken_in_time_from_its_caller_for_its_purpose) {
  const Shop shop;
  const BrowserKey key(browser());
  const auto bound = shop.bind(alice_passkey);
  const auto begun = [&] {
    return shop.sign_in(for_alice, {{"rpId", "example.org"}});
  };  // the browser stops there
  const auto answer_to = [&](const Shop::Ceremony& it) {
    return shop.sign_in(for_alice, {{"challenge", text(it.options(), "challenge")}}).credential();
  };
  const auto first = begun();
  const Json good = answer_to(first);
  std::filesystem::permissions(shop.folder.path(), std::filesystem::perms(0711));
  const std::string stolen = as_uid(65534, [&] {
    const Socket socket(shop.daemon.socket());
    (void)socket.send(request("POST", "/v1/webauthn/authentications/" + first.id(),
                              boost::json::serialize(Json{{"credential", good}})));
    return socket.receive_all(15);
  });
  BOOST_TEST(stolen.contains("\"denied\""), stolen);
  BOOST_TEST(text(answer_with(shop, "authentications", first.id(), good), "verdict") ==
             "verified");  // still its caller's to answer
  const auto second = begun();
  const Json late = answer_to(second);
  advance(shop.daemon, 301);
  BOOST_TEST(text(answer_with(shop, "authentications", second.id(), late), "reason") ==
             "no-challenge");
  (void)answer_with(shop, "registrations", begun().id(), bound.credential(), 404);
}

BOOST_AUTO_TEST_CASE(T26_the_key_of_one_person_does_not_sign_in_another) {
  const Shop shop;
  const BrowserKey key(browser());
  const auto alices = shop.bind(alice_passkey);
  BOOST_TEST(shop.sign_in({{"user", "bob"}}).outcome() == "no-factor");
  const Json bob = {{"user", "bob"}};
  (void)shop.bind(bob);
  const Json only_alices = {
      {"allowCredentials",
       boost::json::array{Json{{"type", "public-key"}, {"id", text(alices.credential(), "id")}}}}};
  BOOST_TEST(shop.sign_in(bob, only_alices).outcome() == "unknown-token");
  BOOST_TEST(shop.sign_in(bob).outcome() == "verified");
}

BOOST_AUTO_TEST_CASE(T24_user_verification_is_read_from_what_was_signed) {
  const Shop shop;
  const BrowserKey key(browser());
  const Json strict = {{"user", "alice"}, {"uv", "required"}};
  const Json tampered = {
      {"userVerification", "discouraged"}};  // the page does not ask for what the daemon requires
  (void)shop.bind(alice_passkey);
  BOOST_TEST(shop.sign_in(strict).outcome() == "verified");
  key.verify_user(false);
  BOOST_TEST(shop.sign_in(strict).outcome() == "NotAllowedError");  // the browser keeps to it
  BOOST_TEST(shop.sign_in(strict, tampered).outcome() == "user-not-verified");
  BOOST_TEST(shop.sign_in(somebody, tampered).outcome() ==
             "NotAllowedError");  // the key keeps to it (credProtect, CTAP 2.1 §12.1)
  BOOST_TEST(shop.sign_in({{"user", "alice"}, {"uv", "discouraged"}}).outcome() == "verified");
}

BOOST_AUTO_TEST_CASE(T24_a_key_that_verifies_nobody_is_not_bound_where_that_is_required) {
  const Shop shop;
  const BrowserKey key(browser(), {{"hasUserVerification", false}, {"isUserVerified", false}});
  const Json tampered = {{"authenticatorSelection", Json{{"residentKey", "discouraged"},
                                                         {"userVerification", "discouraged"}}}};
  BOOST_TEST(shop.register_key({{"user", "bob"}, {"uv", "required"}}, tampered).outcome() ==
             "user-not-verified");
  BOOST_TEST(bound_to(shop, "bob") == 0U);
}

BOOST_AUTO_TEST_CASE(T24_keys_that_misbehave_are_refused) {
  const Shop shop;
  const BrowserKey key(browser());
  (void)shop.bind(alice_passkey);
  const std::vector<std::pair<Json, std::string>> faults = {
      {{{"isBogusSignature", true}}, "bad-signature"},
      {{{"isBadUP", true}}, "user-not-present"},
      {{{"isBadUV", true}}, "user-not-verified"}};
  for (const auto& [bits, reason] : faults) {
    key.misbehave(bits);
    BOOST_TEST(shop.sign_in(somebody).outcome() == reason);
  }
  key.misbehave({});
  BOOST_TEST(shop.sign_in(somebody).outcome() == "verified");
}

BOOST_AUTO_TEST_CASE(T25_a_credential_is_bound_once) {
  const Shop shop;
  const BrowserKey key(browser());
  const auto alices = shop.bind(alice_passkey);
  const auto again = shop.register_key(for_alice);
  BOOST_TEST(again.outcome() ==
             "InvalidStateError");  // the browser has found it on the exclude list
  BOOST_TEST(text(again.options().at("excludeCredentials").as_array().at(0).as_object(), "id") ==
             text(alices.credential(), "id"));
  // Unattested, so that anybody can claim it: bob claims alice's credential under his own
  // challenge.
  const auto bobs =
      shop.register_key({{"user", "bob"}}, {{"rp", Json{{"id", "example.org"}, {"name", "x"}}}});
  BOOST_TEST(bobs.outcome() == "SecurityError");
  Json claimed = alices.credential();
  const Json data = {{"type", "webauthn.create"},
                     {"challenge", text(bobs.options(), "challenge")},
                     {"origin", browser().origin()},
                     {"crossOrigin", false}};
  claimed.at("response").as_object()["clientDataJSON"] =
      formats::base64url(as_bytes(boost::json::serialize(data)));
  BOOST_TEST(text(answer_with(shop, "registrations", bobs.id(), claimed, 409), "detail")
                 .starts_with("credential-exists"));
  BOOST_TEST(bound_to(shop, "bob") == 0U);
  BOOST_TEST(text(shop.sign_in(somebody).judged(), "user") == "alice");
}

BOOST_AUTO_TEST_CASE(a_credential_that_was_removed_is_refused) {
  const Shop shop;
  const BrowserKey key(browser());
  const auto bound = shop.bind(alice_passkey);
  const std::string id = text(bound.judged(), "id");
  (void)told(shop.daemon, {"authenticator", "suspend", id});
  BOOST_TEST(shop.sign_in(somebody).outcome() == "unknown-token");
  (void)told(shop.daemon, {"authenticator", "resume", id});
  BOOST_TEST(shop.sign_in(somebody).outcome() == "verified");
  (void)told(shop.daemon, {"authenticator", "revoke", id});
  BOOST_TEST(shop.sign_in(for_alice).outcome() == "no-factor");
  BOOST_TEST(shop.sign_in(somebody).outcome() == "unknown-token");
  key.forget(text(bound.credential(), "id"));
  BOOST_TEST(shop.sign_in(somebody, {{"timeout", 2000}}).outcome() == "NotAllowedError");
}

BOOST_AUTO_TEST_CASE(T28_the_attestation_of_the_browser_leads_to_no_root_that_we_have) {
  const Shop shop;
  const BrowserKey key(browser());
  const Json attested = {{"user", "alice"}, {"attestation", "direct"}};
  (void)told(shop.daemon, {"attestation", "require", "trusted"});
  BOOST_TEST(shop.register_key(attested).outcome() == "attestation-untrusted");
  (void)told(shop.daemon, {"attestation", "require", "any"});
  const auto bound = shop.bind(attested);
  BOOST_TEST(octets_in(said_in(bound, "attestationObject")).contains("packed"));
  BOOST_TEST(shop.sign_in(for_alice).outcome() == "verified");
}

BOOST_AUTO_TEST_SUITE_END()
