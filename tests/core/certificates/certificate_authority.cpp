// SPDX-License-Identifier: Apache-2.0
// The small authority and requests, with openssl on the other side.
#include "core/crypto/certificate_authority.h"

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "core/certificates/card_certificate.h"
#include "core/certificates/names.h"
#include "core/crypto/system_random.h"
#include "tests/core/certificates/openssl_authority.h"

using namespace countersign;
using namespace countersign::crypto;
using test::file_content;
using test::OpensslAuthority;

namespace {

constexpr auto day = std::chrono::hours(24);

// A minute on: what is made in the same expression is valid by then.
Time now() {
  return std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now()) +
         std::chrono::minutes(1);
}

void write(const std::filesystem::path& path, BytesView content) {
  std::ofstream(path, std::ios::binary) << as_text(content);
}

bool runs(const OpensslAuthority& where, const std::string& command) {
  return std::system(
             ("cd '" + where.folder().string() + "' && { " + command + "; } >log 2>&1").c_str()) ==
         0;
}

CertificateAuthority new_authority(SystemRandom& random) {
  return CertificateAuthority::create("Countersign test CA", now() - day, now() + 365 * day, random)
      .value();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(certificate_authority)

BOOST_AUTO_TEST_CASE(what_it_issues_is_taken_by_openssl_and_by_us) {
  SystemRandom random;
  const OpensslAuthority other;
  const CertificateAuthority authority = new_authority(random);
  const PublicKey key = other.issue({}).public_key(SignatureAlgorithm::es256).value();
  const Bytes names = certificates::subject_alternative_name(
                          {.principals = {"alice@corp.example"}, .emails = {"alice@mail.example"}})
                          .value();
  const auto leaf = authority.issue(
      key, {"alice", names, {"1.3.6.1.5.5.7.3.2"}, now() - day, now() + 90 * day}, random);
  BOOST_REQUIRE(leaf);
  BOOST_TEST(leaf->public_key(SignatureAlgorithm::es256).value().same_key(key));
  certificates::CardPolicy policy{.anchors = {authority.certificate()}};
  policy.revocation = certificates::RevocationRule::off;
  BOOST_TEST(certificates::judge(*leaf, policy, {}, now()).has_value());
  write(other.folder() / "root.pem",
        as_bytes(to_pem("CERTIFICATE", authority.certificate().der())));
  write(other.folder() / "leaf.pem", as_bytes(to_pem("CERTIFICATE", leaf->der())));
  BOOST_TEST(
      runs(other, "openssl verify -x509_strict -purpose sslclient -CAfile root.pem leaf.pem"));
  BOOST_TEST(runs(other, "openssl x509 -in leaf.pem -noout -email | grep -qx alice@mail.example"));
}

BOOST_AUTO_TEST_CASE(kept_and_loaded_again) {
  SystemRandom random;
  const CertificateAuthority made = new_authority(random);
  const auto loaded = CertificateAuthority::load(made.certificate(), made.key());
  BOOST_REQUIRE(loaded);
  const OpensslAuthority other;
  const PublicKey key = other.issue({}).public_key(SignatureAlgorithm::es256).value();
  const auto leaf = loaded->issue(key, {"alice", {}, {}, now(), now() + day}, random);
  BOOST_REQUIRE(leaf);
  BOOST_TEST(
      verify_path(*leaf, {}, {made.certificate()}, {.at = now() + Milliseconds(1000)}).has_value());
  // An organisation's own, made by openssl.
  const Bytes pem = file_content(other.folder() / "ca.key");
  BOOST_TEST(CertificateAuthority::load(other.certificate(), Secret(BytesView(pem))).has_value());
  BOOST_TEST(!CertificateAuthority::load(other.certificate(), made.key()).has_value());
  BOOST_TEST(!CertificateAuthority::load(made.certificate(), Secret(std::string_view("nothing")))
                  .has_value());
  const Bytes leaf_key = file_content(other.folder() / "alice.key");
  BOOST_TEST(
      !CertificateAuthority::load(
           other.issue({.name = "again", .key_file = (other.folder() / "alice.key").string()}),
           Secret(BytesView(leaf_key)))
           .has_value());
}

BOOST_AUTO_TEST_CASE(nothing_beyond_its_own_time_and_no_empty_names) {
  SystemRandom random;
  const OpensslAuthority other;
  const CertificateAuthority authority = new_authority(random);
  const PublicKey key = other.issue({}).public_key(SignatureAlgorithm::es256).value();
  BOOST_TEST(
      !authority.issue(key, {"alice", {}, {}, now(), now() + 400 * day}, random).has_value());
  BOOST_TEST(
      !authority.issue(key, {"alice", {}, {}, now() - 2 * day, now() + day}, random).has_value());
  BOOST_TEST(!authority.issue(key, {"alice", {}, {}, now() + day, now()}, random).has_value());
  BOOST_TEST(!authority.issue(key, {"", {}, {}, now(), now() + day}, random).has_value());
  BOOST_TEST(!authority.issue(key, {std::string(65, 'a'), {}, {}, now(), now() + day}, random)
                  .has_value());
}

BOOST_AUTO_TEST_CASE(a_request_signed_elsewhere) {
  const OpensslAuthority other;
  for (const auto& [name, kind, digest] :
       {std::tuple{"p256", "-algorithm EC -pkeyopt ec_paramgen_curve:P-256", "-sha256"},
        std::tuple{"p384", "-algorithm EC -pkeyopt ec_paramgen_curve:P-384", "-sha384"},
        std::tuple{"rsa", "-algorithm RSA -pkeyopt rsa_keygen_bits:2048", "-sha256"},
        std::tuple{"ed", "-algorithm ED25519", ""}}) {
    const Certificate certificate = other.issue({.name = name, .key = kind});
    const PublicKey key = certificate.public_key(certificate.key_algorithm().value()).value();
    const auto draft = RequestDraft::make("alice", key);
    BOOST_REQUIRE(draft);
    write(other.folder() / "to-sign", draft->to_sign());
    const std::string sign = *digest != 0 ? std::string("openssl dgst ") + digest + " -sign " +
                                                name + ".key -out signature to-sign"
                                          : std::string("openssl pkeyutl -sign -rawin -inkey ") +
                                                name + ".key -in to-sign -out signature";
    BOOST_REQUIRE(runs(other, sign));
    Bytes signature = file_content(other.folder() / "signature");
    const auto request = draft->finish(signature);
    BOOST_REQUIRE_MESSAGE(request, name << ": " << request.error().what);
    write(other.folder() / "request.pem", as_bytes(to_pem("CERTIFICATE REQUEST", *request)));
    BOOST_TEST(other.answer("request.pem", "answered", "extendedKeyUsage=clientAuth\n")
                   .public_key(key.algorithm())
                   .value()
                   .same_key(key));
    BOOST_TEST(requested_key(*request).value().same_key(key));
    BOOST_TEST(requested_key(file_content(other.folder() / "request.pem")).value().same_key(key));
    signature.back() ^= 1;
    BOOST_TEST(!draft->finish(signature).has_value());
    Bytes damaged = *request;
    damaged.back() ^= 1;
    BOOST_TEST(!requested_key(damaged).has_value());
  }
  BOOST_TEST(!requested_key(as_bytes("nothing")).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
