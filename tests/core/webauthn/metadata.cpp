// SPDX-License-Identifier: Apache-2.0
#include "core/webauthn/metadata.h"

#include <fmt/format.h>

#include <boost/test/unit_test.hpp>

#include "core/encoding/base64url.h"
#include "tests/core/webauthn/soft_authenticator.h"

using namespace countersign;
using namespace countersign::test;
using namespace countersign::webauthn;

namespace {

constexpr Time now = from_unix_ms(ceremony_seconds * 1000);  // 2025-10-09

std::string base64(BytesView bytes) {
  std::string text = formats::base64url(bytes);
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  return text.append((4 - text.size() % 4) % 4, '=');
}

// ECDSA's DER as JOSE has it: two numbers of 32 octets.
Bytes raw_signature(BytesView der_signature) {
  Bytes raw;
  BytesView rest = der_signature.subspan(2);
  for (int i = 0; i < 2; ++i) {
    BytesView number = rest.subspan(2, rest[1]);
    rest = rest.subspan(2 + number.size());
    if (number.size() == 33) number = number.subspan(1);
    raw.insert(raw.end(), 32 - number.size(), 0);
    raw.insert(raw.end(), number.begin(), number.end());
  }
  return raw;
}

struct Blob {
  Authority root{"Metadata Root"};
  SigningKey key;
  CertificateOptions certificate{.subject = {{"2.5.4.3", "Metadata"}},
                                 .dns_name = "mds.fidoalliance.org"};
  std::string algorithm = "ES256";
  std::string more_header;
  std::int64_t number = 7;
  std::string next_update = "2025-11-01";
  std::string entries;

  [[nodiscard]] std::string text() const {
    const std::string header =
        fmt::format(R"({{"alg":"{}","typ":"JWT"{},"x5c":["{}"]}})", algorithm, more_header,
                    base64(root.issue(key, certificate).der()));
    const std::string payload =
        fmt::format(R"({{"legalHeader":"x","no":{},"nextUpdate":"{}","entries":[{}]}})", number,
                    next_update, entries);
    std::string out =
        formats::base64url(as_bytes(header)) + "." + formats::base64url(as_bytes(payload));
    const Bytes signature = key.sign(as_bytes(out));
    return out + "." +
           formats::base64url(key.algorithm() == crypto::SignatureAlgorithm::es256
                                  ? raw_signature(signature)
                                  : signature);
  }
  [[nodiscard]] Result<Metadata> parse(std::int64_t newer_than = -1) const {
    const crypto::Certificates roots = {root.certificate()};
    return parse_metadata(text(), {.roots = roots, .now = now, .newer_than = newer_than});
  }
};

const std::string aaguid_text = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa";
const Aaguid aaguid = [] {
  Aaguid all;
  all.fill(0xAA);
  return all;
}();

std::string entry(const Authority& authority, std::string_view reports) {
  return fmt::format(
      R"({{"aaguid":"{}","metadataStatement":{{"description":"A key","attestationRootCertificates":["{}"]}},"statusReports":[{}],"timeOfLastStatusChange":"2025-01-01"}})",
      aaguid_text, base64(authority.certificate().der()), reports);
}

Code code_of(const Result<Metadata>& result) {
  return result ? Code::internal : result.error().code;
}

const RelyingParty rp{.id = "example.org", .origins = {"https://example.org"}};
const Bytes challenge(32, 0x07);

RegistrationJudgement judge(const Registration& registration, const AttestationPolicy& policy) {
  const auto made = registration.make();
  return judge_registration(made.response(), {.rp = rp,
                                              .challenge = challenge,
                                              .algorithms = {},
                                              .attestation = policy,
                                              .registered = {},
                                              .now = now});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(webauthn_metadata)

BOOST_AUTO_TEST_CASE(a_blob_is_read) {
  const Authority maker("Maker");
  Blob blob;
  blob.entries =
      entry(maker, R"({"status":"FIDO_CERTIFIED_L1","effectiveDate":"2024-02-29"})") +
      R"(,{"attestationCertificateKeyIdentifiers":["00112233445566778899aabbccddeeff00112233"],"statusReports":[]})";
  const auto metadata = blob.parse();
  BOOST_TEST_REQUIRE(metadata.has_value(), metadata.error().what);
  BOOST_TEST(metadata->number() == 7);
  BOOST_TEST(metadata->next_update() == "2025-11-01");
  BOOST_TEST_REQUIRE(metadata->entries().size() == 2U);
  const MetadataEntry* found = metadata->find(aaguid, {});
  BOOST_TEST_REQUIRE(found != nullptr);
  BOOST_TEST(found->description == "A key");
  BOOST_TEST((found->roots == crypto::Certificates{maker.certificate()}));
  BOOST_TEST(
      (found->reports == std::vector<StatusReport>{{"FIDO_CERTIFIED_L1", "2024-02-29", {}}}));
  BOOST_TEST(compromise_of(*found, {}) == nullptr);
  BOOST_TEST(metadata->entries()[1].key_identifiers.front().size() == 20U);
  BOOST_TEST(metadata->find(Aaguid{1}, {}) == nullptr);
  BOOST_TEST(!metadata->overdue(now));
  BOOST_TEST(!metadata->overdue(from_unix_ms(1'761'998'400'000)));  // on the day itself, 2025-11-01
  BOOST_TEST(metadata->overdue(from_unix_ms(1'762'041'600'000 + 86'400'000)));
}

BOOST_AUTO_TEST_CASE(rsa_signs_too) {
  Blob blob;
  blob.key = SigningKey(crypto::SignatureAlgorithm::rs256);
  blob.algorithm = "RS256";
  BOOST_TEST(blob.parse().has_value());
}

BOOST_AUTO_TEST_CASE(T28_a_blob_of_somebody_else_is_refused) {
  Blob blob;
  const crypto::Certificates others = {Authority("Metadata Root").certificate()};
  BOOST_TEST(
      (code_of(parse_metadata(blob.text(), {.roots = others, .now = now})) == Code::not_permitted));
  BOOST_TEST(
      (code_of(parse_metadata(blob.text(), {.roots = {}, .now = now})) == Code::not_permitted));
  blob.certificate.dns_name = "www.example.org";  // the same public root signs that, too
  BOOST_TEST((code_of(blob.parse()) == Code::not_permitted));
  const crypto::Certificates roots = {blob.root.certificate()};
  BOOST_TEST(parse_metadata(blob.text(), {.roots = roots, .now = now, .host = ""}).has_value());
  blob.certificate.dns_name = "mds.fidoalliance.org";
  blob.certificate.until = ceremony_seconds - 1;
  BOOST_TEST((code_of(blob.parse()) == Code::not_permitted));
}

BOOST_AUTO_TEST_CASE(T28_a_changed_blob_is_refused) {
  Blob blob;
  blob.entries = entry(Authority("Maker"), "");
  const std::string good = blob.text();
  const crypto::Certificates roots = {blob.root.certificate()};
  const auto taken = [&](const std::string& text) {
    return parse_metadata(text, {.roots = roots, .now = now}).has_value();
  };
  BOOST_TEST(taken(good));
  BOOST_TEST(taken(good + "\n"));
  for (std::size_t i = 0; i < good.size(); i += 7) {
    std::string changed = good;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    BOOST_TEST(!taken(changed), i);
    BOOST_TEST(!taken(good.substr(0, i)), i);
  }
}

BOOST_AUTO_TEST_CASE(numbers_go_up) {
  const Blob blob;
  BOOST_TEST(blob.parse(6).has_value());
  BOOST_TEST(blob.parse(7).has_value());
  BOOST_TEST((code_of(blob.parse(8)) == Code::conflict));
}

BOOST_AUTO_TEST_CASE(what_can_not_be_read_is_refused) {
  const auto refused = [](auto change) {
    Blob blob;
    change(blob);
    const auto result = blob.parse();
    BOOST_TEST((code_of(result) == Code::corrupt), (result ? "taken" : result.error().what));
  };
  refused([](Blob& blob) { blob.algorithm = "none"; });
  refused([](Blob& blob) { blob.algorithm = "HS256"; });
  refused([](Blob& blob) { blob.more_header = R"(,"crit":["b64"],"b64":false)"; });
  refused([](Blob& blob) { blob.number = -1; });
  refused([](Blob& blob) { blob.next_update = "soon"; });
  refused([](Blob& blob) { blob.entries = "1"; });
  refused([](Blob& blob) { blob.entries = R"({"aaguid":"zz"})"; });
  refused([](Blob& blob) { blob.entries = entry(blob.root, "") + "," + entry(blob.root, ""); });
}

// Of two the first could be what people were shown.
BOOST_AUTO_TEST_CASE(T28_metadata_that_gives_a_member_twice_is_refused) {
  BOOST_TEST(
      parse_metadata_payload(as_bytes(R"({"no":1,"nextUpdate":"2026-01-01","entries":[]})"), -1)
          .has_value());
  const auto twice = parse_metadata_payload(
      as_bytes(R"({"no":1,"no":2,"nextUpdate":"2026-01-01","entries":[]})"), -1);
  BOOST_TEST_REQUIRE(!twice.has_value());
  BOOST_TEST(twice.error().what.contains("twice"), twice.error().what);
}

BOOST_AUTO_TEST_CASE(T28_roots_of_a_model_are_for_that_model) {
  const Authority maker("Maker");
  Blob blob;
  blob.entries = entry(maker, "");
  const auto metadata = blob.parse().value();
  const AttestationPolicy policy{.rule = AttestationRule::trusted, .metadata = &metadata};
  Registration registration = Registration::of(AttestationFormat::packed, maker);
  BOOST_TEST((judge(registration, policy).credential.value().trust == Trust::trusted));
  registration.aaguid[0] = 1;
  BOOST_TEST((judge(registration, policy).report.refused() == Step::attestation_path));
}

BOOST_AUTO_TEST_CASE(T28_what_metadata_calls_compromised_is_refused) {
  const Authority maker("Maker");
  for (const char* status : {"REVOKED", "USER_VERIFICATION_BYPASS", "ATTESTATION_KEY_COMPROMISE",
                             "USER_KEY_REMOTE_COMPROMISE", "USER_KEY_PHYSICAL_COMPROMISE"}) {
    Blob blob;
    blob.entries = entry(
        maker,
        fmt::format(
            R"({{"status":"FIDO_CERTIFIED"}},{{"status":"{}"}},{{"status":"UPDATE_AVAILABLE"}})",
            status));
    const auto metadata = blob.parse().value();
    const AttestationPolicy policy{.metadata = &metadata};
    const auto judged = judge(Registration::of(AttestationFormat::packed, maker), policy);
    BOOST_TEST((judged.report.refused() == Step::model_status), status);
    BOOST_TEST(judged.report.why(Step::model_status) == status);
    // What was enrolled before is found, too.
    const auto enrolled =
        judge(Registration::of(AttestationFormat::packed, maker), {.roots = {maker.certificate()}})
            .credential.value();
    Report again;
    BOOST_TEST(!judge_again(enrolled, policy, now, again).has_value());
    BOOST_TEST((again.refused() == Step::model_status));
  }
}

BOOST_AUTO_TEST_CASE(a_compromise_of_one_certificate_is_of_that_certificate) {
  const Authority maker("Maker"), other("Other");
  Blob blob;
  blob.entries =
      entry(maker, fmt::format(R"({{"status":"ATTESTATION_KEY_COMPROMISE","certificate":"{}"}})",
                               base64(other.certificate().der())));
  const auto metadata = blob.parse().value();
  BOOST_TEST(judge(Registration::of(AttestationFormat::packed, maker), {.metadata = &metadata})
                 .credential.has_value());
  BOOST_TEST((compromise_of(metadata.entries().front(), {other.certificate()}) != nullptr));
}

BOOST_AUTO_TEST_CASE(u2f_tokens_are_found_by_their_certificate) {
  const Authority maker("Maker");
  const SigningKey key;
  const auto leaf = maker.issue(key, packed_certificate());
  std::string identifier;
  for (const Byte byte : leaf.key_identifier()) identifier += fmt::format("{:02x}", byte);
  Blob blob;
  blob.entries = fmt::format(
      R"({{"attestationCertificateKeyIdentifiers":["{}"],"statusReports":[{{"status":"REVOKED"}}]}})",
      identifier);
  const auto metadata = blob.parse().value();
  Registration registration = Registration::of(AttestationFormat::fido_u2f, maker);
  BOOST_TEST(judge(registration, {.metadata = &metadata}).credential.has_value());
  registration.attestation_key = key;
  BOOST_TEST((judge(registration, {.metadata = &metadata}).report.refused() == Step::model_status));
}

BOOST_AUTO_TEST_SUITE_END()
