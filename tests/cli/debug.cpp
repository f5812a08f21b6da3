// SPDX-License-Identifier: Apache-2.0
// countersign debug webauthn, as a process, over ceremonies of the software authenticator and the
// W3C's.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/encoding/base64url.h"
#include "tests/core/webauthn/soft_authenticator.h"
#include "tests/support/daemon_process.h"

using namespace countersign;
using namespace countersign::test;
namespace json = boost::json;

namespace {

std::string hex(BytesView bytes) {
  std::string text;
  for (const Byte byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

struct Judged : Ran {
  json::value value;
};

// Runs it on this text, with --json.
Judged judge(const std::string& text) {
  const TemporaryFolder folder;
  std::ofstream(folder / "ceremony.json") << text;
  Judged judged{
      run({program("countersign"), "debug", "webauthn", folder / "ceremony.json", "--json"}), {}};
  judged.value = json::parse(judged.out);
  return judged;
}

std::string ceremony_file(const Registration& registration, const Authentication& authentication,
                          const std::string& more = "") {
  const auto create = registration.make();
  const auto get = authentication.make();
  const std::string challenge = formats::base64url(Bytes(32, 0x07));
  return fmt::format(
      R"({{"rpId":"example.org","origin":"https://example.org"{},"registration":{{"challenge":"{}","clientDataJSON":"{}","attestationObject":"{}"}},)"
      R"("authentication":{{"challenge":"{}","authenticatorData":"{}","clientDataJSON":"{}","signature":"{}"}}}})",
      more, challenge, formats::base64url(create.client_data), hex(create.object), challenge,
      hex(get.authenticator_data), formats::base64url(get.client_data), hex(get.signature));
}

// Certificates are judged by today's clock here.
Registration good_registration(const Authority& authority) {
  Registration registration = Registration::of(webauthn::AttestationFormat::packed, authority);
  return registration;
}

std::string outcome_of(const json::value& ceremony, std::string_view step) {
  for (const json::value& one : ceremony.at("steps").as_array())
    if (one.at("step").as_string() == step) return std::string(one.at("outcome").as_string());
  return "absent";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(debug_webauthn)

BOOST_AUTO_TEST_CASE(a_good_ceremony_passes_step_by_step) {
  const Authority authority;
  const Registration registration = good_registration(authority);
  Authentication authentication;
  authentication.key = registration.key;
  const Judged judged = judge(ceremony_file(registration, authentication));
  BOOST_TEST(judged.exit_code == 0, judged.out << judged.err);
  BOOST_TEST(judged.value.at("accepted").as_bool());
  for (const auto& [ceremony, section] :
       {std::pair("registration", &webauthn::StepText::registration),
        std::pair("authentication", &webauthn::StepText::authentication)})
    for (const json::value& step : judged.value.at(ceremony).at("steps").as_array())
      BOOST_TEST(step.at("outcome").as_string() == "passed", step);
  BOOST_TEST(judged.value.at("registration").at("steps").as_array().size() >= 20U);
  BOOST_TEST(judged.value.at("authentication").at("steps").as_array().size() == 17U);
}

BOOST_AUTO_TEST_CASE(all_that_is_wrong_is_shown_and_the_exit_code_is_1) {
  const Authority authority;
  Registration registration = good_registration(authority);
  registration.said.origin = "https://evil.test";
  Authentication authentication;
  authentication.key = registration.key;
  authentication.said.flags = 0x00;
  authentication.said.challenge[0] = 1;
  const std::string file = ceremony_file(registration, authentication);
  const Judged judged = judge(file);
  BOOST_TEST(judged.exit_code == 1);
  BOOST_TEST(judged.value.at("registration").at("result").as_string() == "wrong-origin");
  BOOST_TEST(judged.value.at("authentication").at("result").as_string() == "wrong-challenge");
  BOOST_TEST(outcome_of(judged.value.at("registration"), "wrong-origin") == "failed");
  BOOST_TEST(outcome_of(judged.value.at("registration"), "wrong-challenge") == "passed");
  BOOST_TEST(outcome_of(judged.value.at("authentication"), "user-not-present") == "failed");
  BOOST_TEST(outcome_of(judged.value.at("authentication"), "bad-signature") == "passed");

  const TemporaryFolder folder;
  std::ofstream(folder / "ceremony.json") << file;
  const Ran text = run({program("countersign"), "debug", "webauthn", folder / "ceremony.json"});
  BOOST_TEST(text.exit_code == 1);
  BOOST_TEST(text.out.contains("registration: refused, wrong-origin"));
  BOOST_TEST(text.out.contains("7.1 step 9"));
}

// The whole way, in the judge's sandbox: a credential, an attestation certificate and a root of
// each algorithm that is offered.
BOOST_AUTO_TEST_CASE(a_ceremony_of_every_algorithm_is_judged) {
  for (const auto& [algorithm, name] : enum_names<crypto::SignatureAlgorithm>) {
    const Authority authority("Root", algorithm);
    Registration registration = good_registration(authority);
    registration.key = SigningKey(algorithm);
    registration.attestation_key = SigningKey(algorithm);
    registration.algorithm_said = static_cast<std::int64_t>(algorithm);
    Authentication authentication;
    authentication.key = registration.key;
    const Judged judged = judge(
        ceremony_file(registration, authentication,
                      ",\"attestationRoots\":[\"" + hex(authority.certificate().der()) + "\"]"));
    BOOST_TEST(judged.exit_code == 0, name << judged.out << judged.err);
  }
}

BOOST_AUTO_TEST_CASE(a_ceremony_of_every_attestation_format_is_judged) {
  const Authority authority;
  for (const auto& [format, name] : enum_names<webauthn::AttestationFormat>) {
    const Registration registration = Registration::of(format, authority);
    Authentication authentication;
    authentication.key = registration.key;
    BOOST_TEST(judge(ceremony_file(registration, authentication)).exit_code == 0, name);
  }
  Registration hello = Registration::of(webauthn::AttestationFormat::tpm, authority);
  hello.attestation_key = SigningKey(crypto::SignatureAlgorithm::rs256);
  hello.algorithm_said = crypto::rs1;
  Authentication authentication;
  authentication.key = hello.key;
  BOOST_TEST(judge(ceremony_file(hello, authentication)).exit_code == 0);
}

BOOST_AUTO_TEST_CASE(T28_roots_that_are_given_have_to_be_reached) {
  const Authority authority, stranger;
  const Registration registration = good_registration(authority);
  Authentication authentication;
  authentication.key = registration.key;
  const auto with_root = [&](const Authority& root) {
    return judge(
        ceremony_file(registration, authentication,
                      ",\"attestationRoots\":[\"" + hex(root.certificate().der()) + "\"]"));
  };
  BOOST_TEST(with_root(authority).exit_code == 0);
  const Judged judged = with_root(stranger);
  BOOST_TEST(judged.exit_code == 1);
  BOOST_TEST(judged.value.at("registration").at("result").as_string() == "attestation-untrusted");
}

BOOST_AUTO_TEST_CASE(user_verification_can_be_required) {
  const Authority authority;
  Registration registration = good_registration(authority);
  registration.said.flags = 0x41;
  Authentication authentication;
  authentication.key = registration.key;
  BOOST_TEST(judge(ceremony_file(registration, authentication)).exit_code == 0);
  BOOST_TEST(judge(ceremony_file(registration, authentication, R"(,"userVerification":"required")"))
                 .value.at("registration")
                 .at("result")
                 .as_string() == "user-not-verified");
}

BOOST_AUTO_TEST_CASE(what_is_no_ceremony_exits_with_2_and_says_what_is_wrong) {
  const std::pair<std::string, std::string> bad[] = {
      {"", "not valid JSON"},
      {R"({"rpId":"a","rpId":"b","origin":"b"})", "twice"},
      {"[]", "must be an object"},
      {R"({"rpId":"a","origin":"b"})", "registration"},
      {R"({"rpId":"a","origin":"b","registration":{"challenge":"AA","clientDataJSON":"AA"}})",
       "registration.attestationObject"},
      {R"({"rpId":"a","origin":"b","regsitration":{}})", "regsitration"},
      {R"({"rpId":"a","origin":1,"registration":{"challenge":"AA","clientDataJSON":"AA","attestationObject":"AA"}})",
       "origin"},
      {R"({"rpId":"a","origin":"b","registration":{"challenge":"A!","clientDataJSON":"AA","attestationObject":"AA"}})",
       "registration.challenge"},
      {R"({"rpId":"a","origin":"b","attestationRoots":["AA"],"registration":{"challenge":"AA","clientDataJSON":"AA","attestationObject":"AA"}})",
       "attestationRoots"},
      {std::string(1'100'000, ' '), "1 MiB"},
  };
  for (const auto& [text, said] : bad) {
    const Judged judged = judge(text);
    BOOST_TEST(judged.exit_code == 2, text.substr(0, 100));
    BOOST_TEST(std::string(judged.value.at("error").as_string()).contains(said), judged.out);
  }
  BOOST_TEST(run({program("countersign"), "debug", "webauthn", "/nonexistent"}).exit_code == 2);
  BOOST_TEST(run({program("countersign"), "debug", "webauthn"}).exit_code == 2);
}

BOOST_AUTO_TEST_CASE(the_w3cs_vectors_pass) {
  const char* named = std::getenv("COUNTERSIGN_VECTORS");
  const std::string path =
      std::string(named != nullptr ? named : COUNTERSIGN_VECTORS_DIR) + "/webauthn-l3.json";
  if (!std::filesystem::exists(path)) {
    BOOST_TEST_MESSAGE("third-party vectors are not there (" + path +
                       "): nothing was judged by them");
    return;
  }
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  const json::value document = json::parse(text.str());
  int judged = 0;
  for (const json::value& vector : document.at("vectors").as_array()) {
    json::object file = {{"rpId", "example.org"},
                         {"origin", "https://example.org"},
                         {"allowCrossOrigin", true},
                         {"topOrigin", "https://example.com"}};
    file["attestationRoots"] =
        json::array{document.at("attestation_root").at("attestation_ca_cert")};
    for (const auto& [ceremony, names] :
         {std::pair("registration",
                    std::vector{"challenge", "clientDataJSON", "attestationObject"}),
          std::pair("authentication", std::vector{"challenge", "authenticatorData",
                                                  "clientDataJSON", "signature"})}) {
      json::object& members = file[ceremony].emplace_object();
      for (const char* name : names) members[name] = vector.at(ceremony).at(name);
    }
    const Judged result = judge(json::serialize(file));
    BOOST_TEST(result.exit_code == 0, vector.at("id") << result.out);
    ++judged;
  }
  BOOST_TEST(judged == 10);
}

BOOST_AUTO_TEST_SUITE_END()
