// SPDX-License-Identifier: Apache-2.0
// Each step of WebAuthn L3 §7.1: a ceremony with one thing changed is refused by the reason of that
// step, and by no other.
#include "core/webauthn/registration.h"

#include <boost/test/unit_test.hpp>

#include <set>

#include "core/crypto/cose.h"
#include "tests/core/webauthn/soft_authenticator.h"

using namespace countersign;
using namespace countersign::test;
using namespace countersign::webauthn;
namespace cbor = formats::cbor;

namespace {

const Authority& authority() {
  static const Authority one;
  return one;
}
const Authority& stranger() {
  static const Authority one;
  return one;
}

struct Expected {
  RelyingParty rp{.id = "example.org", .origins = {"https://example.org"}};
  Bytes challenge = Bytes(32, 0x07);
  UserVerification user_verification = UserVerification::required;
  std::vector<std::int64_t> algorithms = {-7};
  AttestationPolicy attestation{.rule = AttestationRule::trusted_if_certified,
                                .roots = {authority().certificate()}};
  ExtensionsAsked extensions;
  bool registered = false;

  [[nodiscard]] RegistrationJudgement judge(const Registration::Made& made,
                                            Extent extent = Extent::first_failure) const {
    return judge_registration(made.response(),
                              {.rp = rp,
                               .challenge = challenge,
                               .user_verification = user_verification,
                               .algorithms = algorithms,
                               .attestation = attestation,
                               .extensions = extensions,
                               .registered = [this](BytesView) { return registered; },
                               .now = from_unix_ms(ceremony_seconds * 1000)},
                              extent);
  }
};

struct Case {
  std::string_view what;
  Step step;
  AttestationFormat format;
  std::function<void(Registration&, Expected&)> change;
};

void put(cbor::Value::Map& map, std::string_view key, cbor::Value value) {
  for (cbor::Entry& entry : map)
    if (*entry.key.text() == key) entry.value = std::move(value);
}
void drop(cbor::Value::Map& map, std::string_view key) {
  std::erase_if(map, [&](const cbor::Entry& entry) { return *entry.key.text() == key; });
}
auto statement(auto edit) {
  return [edit](Registration& r, Expected&) { r.edit_statement = edit; };
}
auto object(auto edit) {
  return [edit](Registration& r, Expected&) { r.edit_object = edit; };
}
auto turn_signature() {
  return statement([](cbor::Value::Map& map) {
    for (cbor::Entry& entry : map)
      if (*entry.key.text() == "sig") {
        Bytes signature = *entry.value.bytes();
        signature[signature.size() / 2] ^= 1;
        entry.value = signature;
      }
  });
}
auto without(std::string_view member) {
  return statement([member](cbor::Value::Map& map) { drop(map, member); });
}
auto of_another_registration() {
  return [](Registration& r, Expected&) { r.edit_hash = [](Bytes& hash) { hash[0] ^= 1; }; };
}
auto without_subject(std::string_view oid) {
  return [oid](Registration& r, Expected&) {
    std::erase_if(r.certificate.subject, [&](const auto& one) { return one.first == oid; });
  };
}
auto with_extension(std::string oid, bool critical, Bytes value) {
  return [=](Registration& r, Expected&) {
    r.certificate.extensions.push_back({oid, critical, value});
  };
}
auto without_extension(std::string_view oid) {
  return [oid](Registration& r, Expected&) {
    std::erase_if(r.certificate.extensions, [&](const auto& one) { return one.oid == oid; });
  };
}
auto attested_by_another_key() {
  return [](Registration& r, Expected&) {
    r.edit_statement = [](cbor::Value::Map& map) {
      put(map, "x5c",
          cbor::Value::array({authority().issue(SigningKey(), packed_certificate()).der()}));
    };
  };
}

// A TPM of a Windows machine: an RSA key for the credential, another that attests it with SHA-1,
// and a policy in pubArea.
void like_windows_hello(Registration& r, Expected& e) {
  using enum crypto::SignatureAlgorithm;
  static const SigningKey credential(rs256), attestation(rs256);
  r.key = credential;
  r.attestation_key = attestation;
  r.algorithm_said = crypto::rs1;
  r.edit_public_area = [](Bytes& area) {
    const Bytes attributes_and_policy =
        joined({Bytes{0x00, 0x06, 0x04, 0x72, 0x00, 0x20}, Bytes(32, 0x9D)});
    area.erase(area.begin() + 4, area.begin() + 10);
    area.insert(area.begin() + 4, attributes_and_policy.begin(), attributes_and_policy.end());
  };
  e.algorithms = {-257};
}

constexpr auto none = AttestationFormat::none;
constexpr auto packed = AttestationFormat::packed;
constexpr auto tpm = AttestationFormat::tpm;
constexpr auto android = AttestationFormat::android_key;
constexpr auto u2f = AttestationFormat::fido_u2f;
constexpr auto apple = AttestationFormat::apple;

const std::string aaguid_oid = "1.3.6.1.4.1.45724.1.1.4";

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      // Client data
      {"not JSON", Step::client_data, none, [](Registration& r, Expected&) { r.said.json = "{"; }},
      {"no object", Step::client_data, none,
       [](Registration& r, Expected&) { r.said.json = "[]"; }},
      {"no challenge", Step::client_data, none,
       [](Registration& r, Expected&) {
         r.said.json = R"({"type":"webauthn.create","origin":"https://example.org"})";
       }},
      {"crossOrigin is text", Step::client_data, none,
       [](Registration& r, Expected&) {
         r.said.json =
             R"({"type":"webauthn.create","challenge":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc","origin":"https://example.org","crossOrigin":"false"})";
       }},
      {"too long", Step::client_data, none,
       [](Registration& r, Expected&) {
         r.said.json =
             R"({"type":"webauthn.create","challenge":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc","origin":"https://example.org","x":")" +
             std::string(20'000, 'x') + "\"}";
       }},
      {"T22 type", Step::type, none,
       [](Registration& r, Expected&) { r.said.type = "webauthn.get"; }},
      {"T22 challenge", Step::challenge, none,
       [](Registration& r, Expected&) { r.said.challenge[0] ^= 1; }},
      {"T22 empty challenge", Step::challenge, none,
       [](Registration& r, Expected&) { r.said.challenge.clear(); }},
      {"T22 origin", Step::origin, none,
       [](Registration& r, Expected&) { r.said.origin = "https://example.org.evil.test"; }},
      {"T22 origin's port", Step::origin, none,
       [](Registration& r, Expected&) { r.said.origin = "https://example.org:8443"; }},
      {"T22 cross-origin", Step::cross_origin, none,
       [](Registration& r, Expected&) { r.said.cross_origin = true; }},
      {"T22 top origin alone", Step::cross_origin, none,
       [](Registration& r, Expected&) { r.said.top_origin = "https://example.com"; }},
      {"T22 top origin", Step::top_origin, none,
       [](Registration& r, Expected& e) {
         e.rp.allow_cross_origin = true;
         e.rp.top_origins = {"https://example.com"};
         r.said.cross_origin = true;
         r.said.top_origin = "https://evil.test";
       }},
      // Attestation object and authenticator data
      {"no attStmt", Step::attestation_object, none,
       object([](cbor::Value::Map& map) { drop(map, "attStmt"); })},
      {"authData is text", Step::attestation_object, none,
       object([](cbor::Value::Map& map) { put(map, "authData", "data"); })},
      {"no credential", Step::authenticator_data, none,
       [](Registration& r, Expected&) {
         r.credential = false;
         r.said.flags = 0x05;
       }},
      {"cut off", Step::authenticator_data, none,
       object([](cbor::Value::Map& map) { put(map, "authData", Bytes(36, 0)); })},
      {"empty credential id", Step::authenticator_data, none,
       [](Registration& r, Expected&) { r.id.clear(); }},
      {"extensions that no flag announces", Step::authenticator_data, none,
       [](Registration& r, Expected&) {
         r.cose = joined({crypto::to_cose(r.key.public_key()), Bytes{0xA0}});
       }},
      {"T22 RP ID", Step::rp_id, none,
       [](Registration& r, Expected&) { r.said.rp_id = "evil.test"; }},
      {"T24 UP", Step::user_present, none, [](Registration& r, Expected&) { r.said.flags = 0x44; }},
      {"T24 UV", Step::user_verified, none,
       [](Registration& r, Expected&) { r.said.flags = 0x41; }},
      {"BS without BE", Step::backup_flags, none,
       [](Registration& r, Expected&) { r.said.flags = 0x55; }},
      // Key
      {"key off its curve", Step::public_key, none,
       [](Registration& r, Expected&) {
         Bytes cose = crypto::to_cose(r.key.public_key());
         cose.back() ^= 1;
         r.cose = cose;
       }},
      {"ES256 on another curve", Step::public_key, none,
       [](Registration& r, Expected&) {
         r.cose = cbor::encode(
             cbor::Value::map({{1, 2}, {3, -7}, {-1, 2}, {-2, Bytes(48, 1)}, {-3, Bytes(48, 1)}}));
       }},
      {"T25 unrequested algorithm", Step::algorithm, none,
       [](Registration& r, Expected&) { r.key = SigningKey(crypto::SignatureAlgorithm::eddsa); }},
      {"T25 unknown algorithm", Step::algorithm, none,
       [](Registration& r, Expected&) {
         r.cose = cbor::encode(cbor::Value::map(
             {{1, 2}, {3, -9999}, {-1, 1}, {-2, Bytes(32, 1)}, {-3, Bytes(32, 1)}}));
       }},
      {"protection below what was asked", Step::extensions, none,
       [](Registration& r, Expected& e) {
         e.extensions.credential_protection = 3;
         r.said.extensions = cbor::Value::map({{"credProtect", 2}});
       }},
      {"protection not given", Step::extensions, none,
       [](Registration&, Expected& e) { e.extensions.credential_protection = 2; }},
      {"hmac-secret is text", Step::extensions, none,
       [](Registration& r, Expected&) {
         r.said.extensions = cbor::Value::map({{"hmac-secret", "yes"}});
       }},
      // Attestation: formats
      {"unknown format", Step::attestation_format, none,
       object([](cbor::Value::Map& map) { put(map, "fmt", "android-safetynet"); })},
      {"none with members", Step::attestation_statement, none,
       statement([](cbor::Value::Map& map) { map.push_back({"alg", -7}); })},
      {"packed without sig", Step::attestation_statement, packed, without("sig")},
      {"packed without alg", Step::attestation_statement, packed, without("alg")},
      {"packed with an empty x5c", Step::attestation_statement, packed,
       statement([](cbor::Value::Map& map) { put(map, "x5c", cbor::Value::array({})); })},
      {"packed with a certificate that is none", Step::attestation_statement, packed,
       statement([](cbor::Value::Map& map) {
         put(map, "x5c", cbor::Value::array({Bytes{0x30, 0x00}}));
       })},
      {"packed algorithm that does not fit", Step::attestation_algorithm, packed,
       [](Registration& r, Expected&) { r.algorithm_said = -257; }},
      {"packed unknown algorithm", Step::attestation_algorithm, packed,
       [](Registration& r, Expected&) { r.algorithm_said = -65535; }},
      {"T28 packed signature", Step::attestation_signature, packed, turn_signature()},
      {"T28 packed of another registration", Step::attestation_signature, packed,
       of_another_registration()},
      {"T28 packed by another key", Step::attestation_signature, packed, attested_by_another_key()},
      {"packed certificate of version 1", Step::attestation_certificate, packed,
       [](Registration& r, Expected&) {
         r.certificate.version = 1;
         r.certificate.ca.reset();
       }},
      {"packed certificate of a CA", Step::attestation_certificate, packed,
       [](Registration& r, Expected&) { r.certificate.ca = true; }},
      {"packed certificate without basic constraints", Step::attestation_certificate, packed,
       [](Registration& r, Expected&) { r.certificate.ca.reset(); }},
      {"packed certificate without country", Step::attestation_certificate, packed,
       without_subject("2.5.4.6")},
      {"packed certificate without organisation", Step::attestation_certificate, packed,
       without_subject("2.5.4.10")},
      {"packed certificate without unit", Step::attestation_certificate, packed,
       without_subject("2.5.4.11")},
      {"packed certificate without common name", Step::attestation_certificate, packed,
       without_subject("2.5.4.3")},
      {"packed certificate of another unit", Step::attestation_certificate, packed,
       [](Registration& r, Expected&) { r.certificate.subject[2].second = "Web Server"; }},
      {"T28 packed certificate for another AAGUID", Step::attestation_aaguid, packed,
       with_extension(aaguid_oid, false, aaguid_extension(Aaguid{1}))},
      {"packed critical AAGUID", Step::attestation_certificate, packed,
       [](Registration& r, Expected&) {
         r.certificate.extensions.push_back({aaguid_oid, true, aaguid_extension(r.aaguid)});
       }},
      {"packed bare AAGUID", Step::attestation_certificate, packed,
       with_extension(aaguid_oid, false, Bytes(16, 0xAA))},
      {"self attestation of another algorithm", Step::attestation_algorithm, packed,
       [](Registration& r, Expected&) {
         r.self = true;
         r.algorithm_said = -8;
       }},
      {"T28 self attestation's signature", Step::attestation_signature, packed,
       [](Registration& r, Expected& e) {
         r.self = true;
         turn_signature()(r, e);
       }},
      {"u2f without sig", Step::attestation_statement, u2f, without("sig")},
      {"u2f with two certificates", Step::attestation_statement, u2f,
       statement([](cbor::Value::Map& map) {
         for (cbor::Entry& entry : map)
           if (*entry.key.text() == "x5c")
             entry.value = cbor::Value::array(
                 {entry.value.array()->front(), authority().certificate().der()});
       })},
      {"u2f certificate's key on another curve", Step::attestation_certificate, u2f,
       [](Registration& r, Expected&) {
         r.attestation_key = SigningKey(crypto::SignatureAlgorithm::es384);
       }},
      {"u2f credential of another algorithm", Step::attestation_key, u2f,
       [](Registration& r, Expected& e) {
         e.algorithms = {-8};
         r.key = SigningKey(crypto::SignatureAlgorithm::eddsa);
       }},
      {"T28 u2f that claims a wanted model", Step::model, u2f,
       [](Registration& r, Expected& e) {
         r.aaguid.fill(0xAA);
         e.attestation.allowed = {r.aaguid};
       }},
      {"T28 u2f signature", Step::attestation_signature, u2f, turn_signature()},
      {"T28 u2f of another registration", Step::attestation_signature, u2f,
       of_another_registration()},
      {"tpm of version 1.2", Step::attestation_statement, tpm,
       statement([](cbor::Value::Map& map) { put(map, "ver", "1.2"); })},
      {"tpm without pubArea", Step::attestation_statement, tpm, without("pubArea")},
      {"tpm pubArea goes on", Step::attestation_statement, tpm,
       [](Registration& r, Expected&) {
         r.edit_public_area = [](Bytes& area) { area.push_back(0); };
       }},
      {"tpm certInfo cut off", Step::attestation_statement, tpm,
       [](Registration& r, Expected&) {
         r.edit_certify_info = [](Bytes& info) { info.pop_back(); };
       }},
      {"tpm magic", Step::attestation_statement, tpm,
       [](Registration& r, Expected&) { r.edit_certify_info = [](Bytes& info) { info[0] ^= 1; }; }},
      {"tpm quote in place of certify", Step::attestation_statement, tpm,
       [](Registration& r, Expected&) {
         r.edit_certify_info = [](Bytes& info) { info[5] = 0x18; };
       }},
      {"T28 tpm attests another key", Step::attestation_key, tpm,
       [](Registration& r, Expected&) {
         r.edit_public_area = [](Bytes& area) { area.back() ^= 1; };
       }},
      {"tpm attests another curve", Step::attestation_key, tpm,
       [](Registration& r, Expected&) { r.edit_public_area = [](Bytes& area) { area[15] = 4; }; }},
      {"T28 tpm of another registration", Step::attestation_binding, tpm,
       of_another_registration()},
      {"T28 tpm names another key", Step::attestation_binding, tpm,
       [](Registration& r, Expected&) {
         r.edit_certify_info = [](Bytes& info) { info[info.size() - 3] ^= 1; };
       }},
      {"tpm algorithm that does not fit", Step::attestation_algorithm, tpm,
       [](Registration& r, Expected&) { r.algorithm_said = -257; }},
      {"tpm RS1 by a key that is not RSA", Step::attestation_algorithm, tpm,
       [](Registration& r, Expected&) { r.algorithm_said = crypto::rs1; }},
      {"T28 tpm RS1 signature", Step::attestation_signature, tpm,
       [](Registration& r, Expected& e) {
         like_windows_hello(r, e);
         turn_signature()(r, e);
       }},
      {"T28 tpm RS1 of another registration", Step::attestation_binding, tpm,
       [](Registration& r, Expected& e) {
         like_windows_hello(r, e);
         r.edit_hash = [](Bytes& hash) { hash[0] ^= 1; };
       }},
      {"T28 tpm RS1 certificate that is no attestation key's", Step::attestation_certificate, tpm,
       [](Registration& r, Expected& e) {
         like_windows_hello(r, e);
         std::erase_if(r.certificate.extensions,
                       [](const auto& one) { return one.oid == "2.5.29.37"; });
       }},
      {"tpm named by SHA-1 of another area", Step::attestation_binding, tpm,
       [](Registration& r, Expected&) {
         r.name_algorithm = 0x0004;
         r.edit_certify_info = [](Bytes& info) { info[info.size() - 3] ^= 1; };
       }},
      {"T25 a credential's key for RS1", Step::algorithm, none,
       [](Registration& r, Expected& e) {
         const auto numbers =
             SigningKey(crypto::SignatureAlgorithm::rs256).public_key().rsa().value();
         r.cose = cbor::encode(
             cbor::Value::map({{1, 3}, {3, crypto::rs1}, {-1, numbers.n}, {-2, numbers.e}}));
         e.algorithms.clear();
       }},
      {"packed with RS1", Step::attestation_algorithm, packed,
       [](Registration& r, Expected&) {
         r.attestation_key = SigningKey(crypto::SignatureAlgorithm::rs256);
         r.algorithm_said = crypto::rs1;
       }},
      {"T28 tpm signature", Step::attestation_signature, tpm, turn_signature()},
      {"tpm certificate with a subject", Step::attestation_certificate, tpm,
       [](Registration& r, Expected&) { r.certificate.subject = {{"2.5.4.3", "TPM"}}; }},
      {"tpm certificate without names", Step::attestation_certificate, tpm,
       without_extension("2.5.29.17")},
      {"tpm certificate without usage", Step::attestation_certificate, tpm,
       without_extension("2.5.29.37")},
      {"tpm certificate of a CA", Step::attestation_certificate, tpm,
       [](Registration& r, Expected&) { r.certificate.ca = true; }},
      {"tpm certificate for another AAGUID", Step::attestation_aaguid, tpm,
       with_extension(aaguid_oid, false, aaguid_extension(Aaguid{1}))},
      {"android without sig", Step::attestation_statement, android, without("sig")},
      {"T28 android signature", Step::attestation_signature, android, turn_signature()},
      {"T28 android with another key's certificate", Step::attestation_key, android,
       [](Registration& r, Expected&) {
         // Signed by the certificate's key, which is not the credential's.
         r.cose = crypto::to_cose(SigningKey().public_key());
       }},
      {"android certificate without description", Step::attestation_certificate, android,
       [](Registration& r, Expected&) {
         const SigningKey key = r.key;
         r.edit_statement = [key](cbor::Value::Map& map) {
           put(map, "x5c",
               cbor::Value::array({authority().issue(key, packed_certificate()).der()}));
         };
       }},
      {"android for all applications", Step::attestation_properties, android,
       [](Registration& r, Expected&) { r.android_software = der_tagged(600, der(0x05, {})); }},
      {"android key imported", Step::attestation_properties, android,
       [](Registration& r, Expected&) { r.android_tee = der_tagged(702, der(0x02, {Bytes{2}})); }},
      {"android key for more than signing", Step::attestation_properties, android,
       [](Registration& r, Expected&) {
         r.android_tee = der_tagged(1, der(0x31, {der(0x02, {Bytes{2}}), der(0x02, {Bytes{3}})}));
       }},
      {"apple without x5c", Step::attestation_statement, apple, without("x5c")},
      {"apple certificate without nonce", Step::attestation_certificate, apple,
       [](Registration& r, Expected&) {
         const SigningKey key = r.key;
         r.edit_statement = [key](cbor::Value::Map& map) {
           put(map, "x5c",
               cbor::Value::array({authority().issue(key, packed_certificate()).der()}));
         };
       }},
      {"T28 apple of another registration", Step::attestation_binding, apple,
       of_another_registration()},
      {"T28 apple with another key's certificate", Step::attestation_key, apple,
       [](Registration& r, Expected&) { r.cose = crypto::to_cose(SigningKey().public_key()); }},
      // Trust
      {"T28 none where attestation is needed", Step::attestation_type, none,
       [](Registration&, Expected& e) { e.attestation.rule = AttestationRule::trusted; }},
      {"T28 self where attestation is needed", Step::attestation_type, packed,
       [](Registration& r, Expected& e) {
         e.attestation.rule = AttestationRule::trusted;
         r.self = true;
       }},
      {"T28 self-made root", Step::attestation_path, packed,
       [](Registration& r, Expected&) { r.authority = &stranger(); }},
      {"T28 expired", Step::attestation_path, packed,
       [](Registration& r, Expected&) { r.certificate.until = ceremony_seconds - 1; }},
      {"T28 not yet valid", Step::attestation_path, packed,
       [](Registration& r, Expected&) { r.certificate.from = ceremony_seconds + 1; }},
      {"T28 model only claimed", Step::attestation_path, none,
       [](Registration& r, Expected& e) {
         r.aaguid.fill(0xAA);
         e.attestation.allowed = {r.aaguid};
       }},
      {"T28 model not on the allow list", Step::model, packed,
       [](Registration&, Expected& e) { e.attestation.allowed = {Aaguid{1}}; }},
      {"T28 model on the deny list", Step::model, packed,
       [](Registration& r, Expected& e) { e.attestation.denied = {r.aaguid}; }},
      // Credential id
      {"T25 id too long", Step::credential_id_length, none,
       [](Registration& r, Expected&) { r.id.resize(1024); }},
      {"T25 id registered already", Step::credential_id_new, none,
       [](Registration&, Expected& e) { e.registered = true; }},
  };
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(webauthn_registration)

BOOST_AUTO_TEST_CASE(a_good_registration_of_each_format_is_accepted) {
  for (const auto& [format, name] : enum_names<AttestationFormat>) {
    const auto made = Expected().judge(Registration::of(format, authority()).make());
    const auto refused = made.report.refused();
    BOOST_TEST_REQUIRE(made.credential.has_value(),
                       name << ": " << (refused ? reason_of(*refused) : "") << ": "
                            << (refused ? made.report.why(*refused) : ""));
    BOOST_TEST((made.credential->trust == (format == none ? Trust::none : Trust::trusted)), name);
    BOOST_TEST(made.credential->attestation_format == name);
    BOOST_TEST((made.credential->id == Bytes(32, 0x1D)));
    BOOST_TEST((made.credential->transports == std::vector<std::string>{"usb"}));
    BOOST_TEST((decode_credential(encode(*made.credential)).value() == *made.credential));
    BOOST_TEST(!made.refused.has_value());
  }
}

BOOST_AUTO_TEST_CASE(each_step_refuses_by_its_own_reason) {
  for (const Case& one : cases()) {
    Registration registration = Registration::of(one.format, authority());
    Expected expected;
    one.change(registration, expected);
    const auto made = expected.judge(registration.make());
    const auto refused = made.report.refused();
    BOOST_TEST(!made.credential.has_value(), one.what);
    BOOST_TEST((refused == one.step),
               one.what << " was refused as " << (refused ? reason_of(*refused) : "nothing") << ": "
                        << (refused ? made.report.why(*refused) : ""));
    // Judged to its end it fails at the same step, and is accepted as little.
    const auto whole = expected.judge(registration.make(), Extent::all);
    BOOST_TEST((whole.report.outcome(one.step) == Outcome::failed), one.what);
    BOOST_TEST(!whole.credential.has_value(), one.what);
  }
}

// Removing a step from the code makes a test above fail, because each step has one that only it
// refuses.
BOOST_AUTO_TEST_CASE(no_step_is_without_a_test) {
  std::set<Step> tested = {Step::model_status};  // metadata.cpp
  for (const Case& one : cases()) tested.insert(one.step);
  for (const StepText& text : step_texts())
    if (!text.registration.empty()) BOOST_TEST(tested.contains(text.step), text.reason);
}

BOOST_AUTO_TEST_CASE(what_may_differ_may_differ) {
  const auto accepted = [](auto change) {
    Registration registration = Registration::of(packed, authority());
    Expected expected;
    change(registration, expected);
    const auto made = expected.judge(registration.make());
    const auto refused = made.report.refused();
    BOOST_TEST(made.credential.has_value(), (refused ? reason_of(*refused) : ""));
  };
  accepted([](Registration& r, Expected& e) {
    e.rp.allow_cross_origin = true;
    e.rp.top_origins = {"https://example.com"};
    r.said.cross_origin = true;
    r.said.top_origin = "https://example.com";
  });
  accepted([](Registration& r, Expected& e) {
    e.rp.allow_cross_origin = true;
    r.said.cross_origin = true;
  });
  accepted([](Registration& r, Expected& e) {
    e.user_verification = UserVerification::preferred;
    r.said.flags = 0x41;
  });
  accepted([](Registration& r, Expected&) { r.said.flags = 0x5D; });  // BE and BS
  accepted([](Registration& r, Expected&) { r.id.resize(1023); });
  accepted([](Registration& r, Expected&) {
    r.certificate.extensions.push_back({aaguid_oid, false, aaguid_extension(r.aaguid)});
  });
  accepted([](Registration& r, Expected& e) { e.attestation.allowed = {r.aaguid}; });
  accepted([](Registration&, Expected& e) { e.attestation.rule = AttestationRule::trusted; });
  accepted([](Registration& r, Expected&) { r.self = true; });
  accepted([](Registration& r, Expected&) {
    r.said.extensions = cbor::Value::map(
        {{"somethingNew", 1}, {"credProtect", 2}, {"hmac-secret", true}, {"minPinLength", 6}});
  });
  for (const auto& [algorithm, name] : enum_names<crypto::SignatureAlgorithm>)
    accepted([algorithm = algorithm](Registration& r, Expected& e) {
      r.key = SigningKey(algorithm);
      e.algorithms.clear();
    });
  accepted([](Registration& r, Expected& e) {
    r = Registration::of(tpm, authority());
    like_windows_hello(r, e);
    e.attestation.rule = AttestationRule::trusted;
  });
  accepted([](Registration& r, Expected& e) {
    r = Registration::of(tpm, authority());
    like_windows_hello(r, e);
    r.key = SigningKey();  // ECC
    r.edit_public_area = {};
    r.name_algorithm = 0x0004;
    e.algorithms = {-7};
  });
  accepted([](Registration& r, Expected& e) {
    r = Registration::of(tpm, authority());
    r.key = SigningKey(crypto::SignatureAlgorithm::rs256);
    r.attestation_key = SigningKey(crypto::SignatureAlgorithm::rs256);
    r.algorithm_said = -257;
    e.algorithms = {-257};
  });
}

BOOST_AUTO_TEST_CASE(ml_dsa_is_refused_by_its_name) {
  for (const int number : {-48, -49, -50}) {
    Registration registration;
    registration.cose = cbor::encode(cbor::Value::map({{1, 7}, {3, number}, {-1, Bytes(32, 1)}}));
    const auto made = Expected().judge(registration.make());
    BOOST_TEST((made.report.refused() == Step::algorithm));
    BOOST_TEST(made.report.why(Step::algorithm).contains("ML-DSA"),
               made.report.why(Step::algorithm));
  }
}

BOOST_AUTO_TEST_CASE(untrusted_certificates_are_told_apart_where_they_are_enough) {
  Registration registration = Registration::of(packed, stranger());
  Expected expected;
  expected.attestation.rule = AttestationRule::any;
  const auto made = expected.judge(registration.make());
  BOOST_TEST_REQUIRE(made.credential.has_value());
  BOOST_TEST((made.credential->trust == Trust::untrusted));
}

BOOST_AUTO_TEST_CASE(all_that_is_wrong_is_told_when_asked) {
  Registration registration = Registration::of(packed, stranger());
  registration.said.origin = "https://evil.test";
  registration.said.flags = 0x40;
  turn_signature()(registration, *std::make_unique<Expected>());
  const auto made = Expected().judge(registration.make(), Extent::all);
  for (const Step step :
       {Step::origin, Step::user_present, Step::user_verified, Step::attestation_signature})
    BOOST_TEST((made.report.outcome(step) == Outcome::failed), reason_of(step));
  BOOST_TEST((made.report.refused() == Step::origin));
  for (const Step step : {Step::challenge, Step::rp_id, Step::algorithm,
                          Step::attestation_certificate, Step::credential_id_length})
    BOOST_TEST((made.report.outcome(step) == Outcome::passed), reason_of(step));
  BOOST_TEST(made.refused.has_value());
}

// What a CA may certify binds those below it: one for servers makes no TPM of anything.
BOOST_AUTO_TEST_CASE(T28_a_tpm_is_certified_by_a_ca_for_tpms) {
  const Bytes attestation_keys = {0x67, 0x81, 0x05, 0x08, 0x03},
              server = {0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01},
              any = {0x55, 0x1D, 0x25, 0x00};
  const auto trust_below = [](const std::vector<Bytes>& usages) {
    const Authority between = authority().below("Between", usages);
    Registration registration = Registration::of(tpm, between);
    registration.edit_statement = [&](cbor::Value::Map& map) {
      for (cbor::Entry& entry : map) {
        if (*entry.key.text() != "x5c") continue;
        cbor::Value::Array chain = *entry.value.array();
        chain.emplace_back(between.certificate().der());
        entry.value = cbor::Value::array(std::move(chain));
      }
    };
    Expected expected;
    expected.attestation.rule = AttestationRule::any;
    return expected.judge(registration.make()).credential.value().trust;
  };
  BOOST_TEST((trust_below({}) == Trust::trusted));
  BOOST_TEST((trust_below({server, attestation_keys}) == Trust::trusted));
  BOOST_TEST((trust_below({any}) == Trust::trusted));
  BOOST_TEST((trust_below({server}) == Trust::untrusted));
}

// Its signature covers none (L3 §8.6); a rule about models has nothing to match.
BOOST_AUTO_TEST_CASE(T28_the_model_that_a_u2f_attestation_claims_is_unknown) {
  Registration registration = Registration::of(u2f, authority());
  registration.aaguid.fill(0xAA);
  Expected expected;
  expected.attestation.denied = {registration.aaguid};
  const auto made = expected.judge(registration.make());
  BOOST_TEST_REQUIRE(made.credential.has_value());
  BOOST_TEST((made.credential->aaguid == Aaguid{}));
  BOOST_TEST((made.credential->trust == Trust::trusted));
  Report again;
  BOOST_TEST(!judge_again(*made.credential,
                          {.roots = expected.attestation.roots, .allowed = {registration.aaguid}},
                          from_unix_ms(ceremony_seconds * 1000), again)
                  .has_value());
  BOOST_TEST((again.refused() == Step::model));
}

BOOST_AUTO_TEST_CASE(T28_registered_keys_are_judged_again) {
  const Expected expected;
  const auto credential =
      expected.judge(Registration::of(packed, authority()).make()).credential.value();
  const auto again = [&](AttestationPolicy policy) {
    Report report;
    const auto trust =
        judge_again(credential, policy, from_unix_ms(ceremony_seconds * 1000), report);
    BOOST_TEST(trust.has_value() == report.clean());
    return report.refused();
  };
  BOOST_TEST(!again(expected.attestation).has_value());
  BOOST_TEST((again({.rule = AttestationRule::trusted_if_certified,
                     .roots = {stranger().certificate()}}) == Step::attestation_path));
  BOOST_TEST(
      (again({.roots = expected.attestation.roots, .denied = {credential.aaguid}}) == Step::model));
}

BOOST_AUTO_TEST_CASE(transports_that_are_not_plain_are_dropped) {
  const auto made = Registration::of(none, authority()).make();
  const Expected e;
  const auto judged = judge_registration(
      {made.client_data, made.object, {"usb", "NFC", "a\nb", "", "hybrid", std::string(33, 'x')}},
      {.rp = e.rp,
       .challenge = e.challenge,
       .algorithms = {},
       .attestation = {},
       .registered = {},
       .now = {}});
  BOOST_TEST((judged.credential.value().transports == std::vector<std::string>{"usb", "hybrid"}));
}

BOOST_AUTO_TEST_SUITE_END()
