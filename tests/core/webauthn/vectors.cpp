// SPDX-License-Identifier: Apache-2.0
// The W3C's test vectors (WebAuthn L3, Test Vectors), where tests/CMakeLists.txt or
// $COUNTERSIGN_VECTORS says they are. The number of ceremonies judged is asserted; without the file
// the test says so.
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/crypto/cose.h"
#include "core/encoding/hex.h"
#include "core/webauthn/authentication.h"
#include "core/webauthn/registration.h"

using namespace countersign;
using namespace countersign::webauthn;
namespace json = boost::json;
namespace cbor = formats::cbor;

namespace {

std::string file() {
  if (const char* named = std::getenv("COUNTERSIGN_VECTORS"))
    return std::string(named) + "/webauthn-l3.json";
  return COUNTERSIGN_VECTORS_DIR "/webauthn-l3.json";
}

bool there() {
  if (std::filesystem::exists(file())) return true;
  BOOST_TEST_MESSAGE("third-party vectors are not there (" + file() +
                     "): nothing was judged by them");
  return false;
}

Bytes hex(const json::value& value) {
  const auto decoded = formats::hex_decode(std::string_view(value.as_string()));
  return {decoded->expose().begin(), decoded->expose().end()};
}

constexpr Time when = from_unix_ms(1'760'000'000'000);

struct Vector {
  std::string name;
  RelyingParty rp{.id = "example.org",
                  .origins = {"https://example.org"},
                  .top_origins = {"https://example.com"}};
  Bytes challenge, client_data, object;
  struct {
    Bytes challenge, client_data, data, signature;
  } get;
  crypto::Certificates roots;

  [[nodiscard]] RegistrationExpectations expectations() const {
    return {.rp = rp,
            .challenge = challenge,
            .algorithms = {},
            .attestation = {.rule = AttestationRule::trusted_if_certified, .roots = roots},
            .registered = {},
            .now = when};
  }
  [[nodiscard]] bool registers() const {
    return judge_registration({client_data, object, {}}, expectations()).credential.has_value();
  }
  [[nodiscard]] bool authenticates(const Credential& credential,
                                   const crypto::PublicKey& key) const {
    return judge_authentication(
               {credential.id, get.client_data, get.data, get.signature, {}},
               {.rp = rp, .challenge = get.challenge, .credential = credential, .key = key})
        .accepted;
  }
};

std::vector<Vector> read_vectors() {
  std::ostringstream text;
  text << std::ifstream(file()).rdbuf();
  const json::value document = json::parse(text.str());
  std::vector<Vector> vectors;
  const auto root =
      crypto::Certificate::parse(hex(document.at("attestation_root").at("attestation_ca_cert")))
          .value();
  for (const json::value& one : document.at("vectors").as_array()) {
    const json::value &create = one.at("registration"), &get = one.at("authentication");
    Vector vector{.name = std::string(one.at("id").as_string()),
                  .challenge = hex(create.at("challenge")),
                  .client_data = hex(create.at("clientDataJSON")),
                  .object = hex(create.at("attestationObject")),
                  .get = {hex(get.at("challenge")), hex(get.at("clientDataJSON")),
                          hex(get.at("authenticatorData")), hex(get.at("signature"))},
                  .roots = {root}};
    vector.rp.allow_cross_origin =
        vector.name.contains("crossOrigin") || vector.name.contains("topOrigin");
    vectors.push_back(std::move(vector));
  }
  return vectors;
}

// Calls judge with each single bit of the octets turned, and turns it back; how many there were.
template <class F>
std::size_t each_bit(Bytes& octets, F&& judge) {
  for (std::size_t bit = 0; bit < octets.size() * 8; ++bit) {
    octets[bit / 8] = static_cast<Byte>(octets[bit / 8] ^ 1U << bit % 8);
    judge();
    octets[bit / 8] = static_cast<Byte>(octets[bit / 8] ^ 1U << bit % 8);
  }
  return octets.size() * 8;
}

// Puts other octets into the attestation object.
Bytes with_member(const Bytes& object, std::string_view name, const cbor::Value& value) {
  cbor::Value::Map members = *cbor::parse(object)->map();
  for (cbor::Entry& entry : members)
    if (*entry.key.text() == name) entry.value = value;
  return cbor::encode(cbor::Value::map(members));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(webauthn_vectors)

BOOST_AUTO_TEST_CASE(all_are_accepted_and_their_attestation_is_believed) {
  if (!there()) return;
  std::map<std::string, int> formats;
  int authentications = 0;
  for (const Vector& vector : read_vectors()) {
    const auto made =
        judge_registration({vector.client_data, vector.object, {"usb"}}, vector.expectations());
    const auto refused = made.report.refused();
    BOOST_TEST_REQUIRE(made.credential.has_value(),
                       vector.name << ": " << (refused ? reason_of(*refused) : "") << " "
                                   << (refused ? made.report.why(*refused) : ""));
    ++formats[made.credential->attestation_format];
    BOOST_TEST((made.credential->trust ==
                (made.credential->attestation_format == "none" ? Trust::none : Trust::trusted)),
               vector.name);
    const auto key = crypto::public_key_from_cose(made.credential->public_key).value();
    BOOST_TEST(crypto::to_cose(key) == made.credential->public_key,
               boost::test_tools::per_element());
    BOOST_TEST((decode_credential(encode(*made.credential)).value() == *made.credential));
    authentications += vector.authenticates(*made.credential, key) ? 1 : 0;
  }
  BOOST_TEST(
      (formats == std::map<std::string, int>{
                      {"none", 3}, {"packed", 4}, {"tpm", 1}, {"android-key", 1}, {"apple", 1}}));
  BOOST_TEST(authentications == 10);
}

BOOST_AUTO_TEST_CASE(T28_without_the_root_no_certificate_is_believed) {
  if (!there()) return;
  int refused = 0;
  for (Vector vector : read_vectors()) {
    vector.roots.clear();
    const auto made =
        judge_registration({vector.client_data, vector.object, {}}, vector.expectations());
    refused += made.report.refused() == Step::attestation_path ? 1 : 0;
  }
  BOOST_TEST(refused == 7);
}

BOOST_AUTO_TEST_CASE(T22_every_bit_of_what_an_assertion_signs_counts) {
  if (!there()) return;
  std::size_t bits = 0;
  for (Vector vector : read_vectors()) {
    const auto made =
        judge_registration({vector.client_data, vector.object, {}}, vector.expectations());
    const auto key = crypto::public_key_from_cose(made.credential->public_key).value();
    std::size_t accepted = 0;
    const auto judge = [&] { accepted += vector.authenticates(*made.credential, key) ? 1U : 0U; };
    for (Bytes* octets :
         {&vector.get.data, &vector.get.client_data, &vector.get.signature, &vector.get.challenge})
      bits += each_bit(*octets, judge);
    BOOST_TEST(accepted == 0U, vector.name);
    BOOST_TEST(vector.authenticates(*made.credential, key));
  }
  BOOST_TEST(bits > 25'000U);
}

BOOST_AUTO_TEST_CASE(T28_every_bit_of_what_an_attestation_signs_counts) {
  if (!there()) return;
  std::size_t bits = 0, judged = 0;
  for (Vector vector : read_vectors()) {
    if (vector.name.starts_with("none")) continue;  // signed by nothing
    ++judged;
    const Bytes object = vector.object;
    const auto parsed = cbor::parse(object).value();
    std::size_t accepted = 0;
    const auto judge_object = [&](std::string_view member, const cbor::Value& value) {
      vector.object = with_member(object, member, value);
      accepted += vector.registers() ? 1U : 0U;
    };
    Bytes data = *parsed.bytes_at("authData");
    bits += each_bit(data, [&] { judge_object("authData", data); });
    for (const cbor::Entry& entry : *parsed.map_at("attStmt")->map()) {
      const bool list = entry.value.array() != nullptr;
      if (!list && entry.value.bytes() == nullptr) continue;
      Bytes octets = list ? *entry.value.array()->front().bytes() : *entry.value.bytes();
      bits += each_bit(octets, [&] {
        cbor::Value::Map statement = *parsed.map_at("attStmt")->map();
        for (cbor::Entry& one : statement)
          if (one.key == entry.key)
            one.value = list ? cbor::Value::array({octets}) : cbor::Value(octets);
        judge_object("attStmt", cbor::Value::map(statement));
      });
    }
    vector.object = object;
    bits += each_bit(vector.client_data, [&] { accepted += vector.registers() ? 1U : 0U; });
    BOOST_TEST(accepted == 0U, vector.name);
    BOOST_TEST(vector.registers());
  }
  BOOST_TEST(judged == 7U);
  BOOST_TEST(bits > 50'000U);
}

BOOST_AUTO_TEST_SUITE_END()
