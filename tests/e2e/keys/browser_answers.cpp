// SPDX-License-Identifier: Apache-2.0
// What browsers and authenticators in the field send, spelt out in JSON: the forms that one browser
// on one machine never shows.
#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

#include "core/encoding/base64url.h"
#include "tests/core/webauthn/soft_authenticator.h"
#include "tests/e2e/support/story.h"

using namespace countersign;
using namespace countersign::test;
using formats::base64url;

namespace {

const std::string config =
    "[fido2]\nrp_id = \"example.org\"\norigins = [\"https://example.org\"]\n";

std::string body_with(const std::string& credential) {
  return R"({"credential":)" + credential + "}";
}

std::string credential_json(BytesView id, const std::string& response) {
  const std::string name = base64url(id);
  return R"({"id":")" + name + R"(","rawId":")" + name +
         R"(","type":"public-key","clientExtensionResults":{},"authenticatorAttachment":null,"response":{)" +
         response + "}}";
}

std::string member(const std::string& name, BytesView octets) {
  return '"' + name + R"(":")" + base64url(octets) + '"';
}

struct Web {
  House house{config};
  SigningKey key;
  Bytes id = Bytes(32, 0x1D);

  Web() { add_user(house.daemon, "alice"); }

  [[nodiscard]] Json begin(const std::string& what, const std::string& body) const {
    return ask(house.daemon, "POST", "/v1/webauthn/" + what, body);
  }
  static Bytes challenge_of(const Json& begun) {
    return formats::base64url_decode(text(begun.at("publicKey").as_object(), "challenge")).value();
  }

  // The status and body of the answer to a registration of this form.
  [[nodiscard]] client::Answer bind(Registration ceremony) const {
    const Json begun = begin("registrations", R"({"user":"alice","attestation":"direct"})");
    ceremony.said.challenge = challenge_of(begun);
    const auto made = ceremony.make();
    const std::string response = member("clientDataJSON", made.client_data) + "," +
                                 member("attestationObject", made.object) + R"(,"transports":null)";
    return house.daemon.call("POST", "/v1/webauthn/registrations/" + text(begun, "id"),
                             body_with(credential_json(ceremony.id, response)));
  }
  void enroll() const {
    Registration ceremony;
    ceremony.key = key;
    ceremony.id = id;
    const auto bound = bind(ceremony);
    BOOST_TEST_REQUIRE(bound.status == 200, bound.body);
  }

  // handle: the member as it stands in the JSON, with its comma; empty: absent.
  [[nodiscard]] client::Answer answer(const std::string& handle, Byte flags = 0x05,
                                      const std::string& who = R"("user":"alice",)") {
    const Json begun = begin("authentications", "{" + who + R"("service":"web"})");
    Authentication ceremony;
    ceremony.key = key;
    ceremony.id = id;
    ceremony.said.challenge = challenge_of(begun);
    ceremony.said.counter = ++counter_;
    ceremony.said.flags = flags;
    const auto made = ceremony.make();
    const std::string response = member("clientDataJSON", made.client_data) + "," +
                                 member("authenticatorData", made.authenticator_data) + "," +
                                 member("signature", made.signature) + handle;
    return house.daemon.call(
        "POST", "/v1/webauthn/authentications/" + text(begun, "id"),
        R"({"service":"web","credential":)" + credential_json(id, response) + "}");
  }

 private:
  std::uint32_t counter_ = 0;
};

std::string verdict_in(const client::Answer& answer) {
  const Json object = object_in(answer.body);
  return answer.status == 200 ? text(object, "verdict")
                              : std::to_string(answer.status) + " " + answer.body;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(browser_answers)

BOOST_AUTO_TEST_CASE(T26_an_empty_user_handle_is_none) {
  Web web;
  web.enroll();
  for (const char* handle : {"", R"(,"userHandle":"")", R"(,"userHandle":null)"})
    BOOST_TEST(verdict_in(web.answer(handle)) == "verified", handle);
  BOOST_TEST(text(object_in(web.answer(R"(,"userHandle":"AAAA")").body), "reason") ==
             "wrong-user-handle");
  // Where nobody was named, it is what says who it is.
  for (const char* handle : {"", R"(,"userHandle":"")", R"(,"userHandle":null)"})
    BOOST_TEST(text(object_in(web.answer(handle, 0x05, "").body), "reason") == "wrong-user-handle",
               handle);
}

BOOST_AUTO_TEST_CASE(a_key_that_may_be_synced_by_now_is_refused_with_words_that_help) {
  Web web;
  web.enroll();
  BOOST_TEST(verdict_in(web.answer("")) == "verified");
  const Json refused = object_in(web.answer("", 0x1D).body);
  BOOST_TEST(text(refused, "verdict") == "denied");
  BOOST_TEST(text(refused, "reason") == "backup-eligibility-changed");
  BOOST_TEST(text(refused, "advice").contains("Enroll it again"));
  BOOST_TEST(!object_in(web.answer(R"(,"userHandle":"AAAA")").body).contains("advice"));
}

BOOST_AUTO_TEST_CASE(T22_a_member_that_is_given_twice_is_refused_wherever_it_stands) {
  Web web;
  web.enroll();
  const auto twice = web.answer(R"(,"userHandle":null,"userHandle":"")");
  BOOST_TEST(twice.status == 400);
  BOOST_TEST(twice.body.contains("twice"), twice.body);
  BOOST_TEST(
      web.house.daemon.call("POST", "/v1/users", R"({"name":"bob","name":"mallory"})").status ==
      400);
  // Within what the browser signed, too.
  const Json begun = web.begin("authentications", R"({"user":"alice","service":"web"})");
  Authentication ceremony;
  ceremony.key = web.key;
  ceremony.id = web.id;
  ceremony.said.json = R"({"type":"webauthn.get","challenge":")" +
                       base64url(Web::challenge_of(begun)) +
                       R"(","origin":"https://evil.example","origin":"https://example.org"})";
  const auto made = ceremony.make();
  const std::string response = member("clientDataJSON", made.client_data) + "," +
                               member("authenticatorData", made.authenticator_data) + "," +
                               member("signature", made.signature);
  const auto judged = web.house.daemon.call(
      "POST", "/v1/webauthn/authentications/" + text(begun, "id"),
      R"({"service":"web","credential":)" + credential_json(web.id, response) + "}");
  BOOST_TEST(text(object_in(judged.body), "reason") == "client-data-malformed");
}

BOOST_AUTO_TEST_CASE(T28_windows_hello_and_u2f_are_bound_as_the_field_sends_them) {
  const Web web;
  const Authority authority;
  Registration hello = Registration::of(webauthn::AttestationFormat::tpm, authority);
  hello.key = SigningKey(crypto::SignatureAlgorithm::rs256);
  hello.attestation_key = SigningKey(crypto::SignatureAlgorithm::rs256);
  hello.algorithm_said = crypto::rs1;
  hello.id = Bytes(32, 2);
  const auto bound = web.bind(hello);
  BOOST_TEST(bound.status == 200, bound.body);
  Registration named = Registration::of(webauthn::AttestationFormat::fido_u2f, authority);
  named.aaguid.fill(0xAA);
  named.id = Bytes(32, 3);
  const auto unknown = web.bind(named);
  BOOST_TEST(unknown.status == 200, unknown.body);
  BOOST_TEST(!unknown.body.contains("aaaaaaaa-aaaa"), unknown.body);
}

// Every service that an application was not configured for, by every way to verify.
BOOST_AUTO_TEST_CASE(T47_no_way_to_verify_serves_another_applications_service) {
  const House house(config +
                    "[[verifier]]\nname = \"shop\"\nuser = 65534\nservices = [\"shop\"]\n");
  add_user(house.daemon, "alice");
  (void)chmod(house.folder.path().c_str(), 0755);
  const std::pair<const char*, const char*> ways[] = {
      {"/v1/verifications", R"({"user":"alice","code":"123456","service":"SERVICE"})"},
      {"/v1/verifications/tap", R"({"user":"alice","seconds":1,"service":"SERVICE"})"},
      {"/v1/webauthn/authentications", R"({"user":"alice","service":"SERVICE"})"},
      {"/v1/codes", R"({"user":"alice","kind":"sms","service":"SERVICE"})"},
      {"/v1/sign-ins", R"({"user":"alice","primary":"none","service":"SERVICE"})"},
  };
  for (const auto& [path, body] : ways)
    for (const char* service : {"payroll", "sshd", ""}) {
      std::string asked = body;
      asked.replace(asked.find("SERVICE"), 7, service);
      const std::string answer = as_uid(65534, [&, path = path] {
        const auto said = house.daemon.call("POST", path, asked);
        return std::to_string(said.status) + " " + said.body;
      });
      BOOST_TEST(answer.starts_with("4"), path << " for '" << service << "': " << answer);
    }
}

BOOST_AUTO_TEST_SUITE_END()
