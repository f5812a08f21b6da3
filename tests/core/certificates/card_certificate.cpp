// SPDX-License-Identifier: Apache-2.0
// Good certificates and deliberately bad ones, made by the program openssl: each is refused with
// its own reason (T42, T43).
#include "core/certificates/card_certificate.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <boost/test/unit_test.hpp>
#include <cstdio>

#include "core/crypto/openssl.h"
#include "core/crypto/roca.h"
#include "tests/core/certificates/openssl_authority.h"

using namespace countersign;
using namespace countersign::certificates;
using test::OpensslAuthority;

namespace {

using crypto::must;
using crypto::Release;
using Number = std::unique_ptr<BIGNUM, Release<BN_free>>;

constexpr auto day = std::chrono::hours(24);

// A minute on: what is made in the same expression is valid by then.
Time now() {
  return std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now()) +
         std::chrono::minutes(1);
}

CardPolicy policy_of(const OpensslAuthority& authority, RevocationRule rule = RevocationRule::off) {
  CardPolicy policy;
  policy.anchors = {authority.certificate()};
  policy.revocation = rule;
  return policy;
}

std::string said(const std::expected<crypto::Certificates, Refused>& judged) {
  return judged ? "taken" : std::string(to_name(judged.error().why));
}

std::string judged(const crypto::Certificate& leaf, const CardPolicy& policy, Time at = now(),
                   const crypto::RevocationEvidence& evidence = {}) {
  return said(judge(leaf, policy, evidence, at));
}

// A prime of the faulty generator's form, k * M + (65537^a mod M).
Number faulty_prime(BN_CTX* context) {
  const Number m(BN_new()), base(BN_new()), prime(BN_new()), power(BN_new()), exponent(BN_new());
  must(BN_one(m.get()) == 1 && BN_set_word(base.get(), 65537) == 1);
  for (const int p :
       {2,  3,  5,  7,  11, 13,  17,  19,  23,  29,  31,  37,  41,  43,  47,  53,  59,  61,  67, 71,
        73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167})
    must(BN_mul_word(m.get(), static_cast<BN_ULONG>(p)) == 1);
  must(BN_rand(exponent.get(), 62, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
       BN_mod_exp(power.get(), base.get(), exponent.get(), m.get(), context) == 1);
  Number found(BN_new());
  do {
    must(BN_rand(prime.get(), 1024 - BN_num_bits(m.get()) + 1, BN_RAND_TOP_TWO,
                 BN_RAND_BOTTOM_ANY) == 1);
    must(BN_mul(found.get(), prime.get(), m.get(), context) == 1 &&
         BN_add(found.get(), found.get(), power.get()) == 1);
  } while (BN_num_bits(found.get()) != 1024 || BN_check_prime(found.get(), context, nullptr) != 1);
  return found;
}

void write_faulty_key(const std::filesystem::path& path) {
  const std::unique_ptr<BN_CTX, Release<BN_CTX_free>> context(BN_CTX_new());
  const Number n(BN_new()), e(BN_new()), d(BN_new()), one(BN_new()), left(BN_new()),
      right(BN_new()), order(BN_new());
  const Number d_left(BN_new()), d_right(BN_new()), inverse(BN_new());
  must(BN_set_word(e.get(), 65537) == 1 && BN_one(one.get()) == 1);
  const Number p = faulty_prime(context.get()), q = faulty_prime(context.get());
  must(BN_mul(n.get(), p.get(), q.get(), context.get()) == 1 &&
       BN_sub(left.get(), p.get(), one.get()) == 1 && BN_sub(right.get(), q.get(), one.get()) == 1);
  must(BN_mul(order.get(), left.get(), right.get(), context.get()) == 1 &&
       BN_mod_inverse(d.get(), e.get(), order.get(), context.get()) != nullptr);
  must(BN_mod(d_left.get(), d.get(), left.get(), context.get()) == 1 &&
       BN_mod(d_right.get(), d.get(), right.get(), context.get()) == 1 &&
       BN_mod_inverse(inverse.get(), q.get(), p.get(), context.get()) != nullptr);
  const std::unique_ptr<OSSL_PARAM_BLD, Release<OSSL_PARAM_BLD_free>> builder(OSSL_PARAM_BLD_new());
  must(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
       OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1 &&
       OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_D, d.get()) == 1);
  must(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_FACTOR1, p.get()) == 1 &&
       OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_FACTOR2, q.get()) == 1 &&
       OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_EXPONENT1, d_left.get()) == 1 &&
       OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_EXPONENT2, d_right.get()) == 1 &&
       OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_COEFFICIENT1, inverse.get()) == 1);
  const std::unique_ptr<OSSL_PARAM, Release<OSSL_PARAM_free>> parameters(
      OSSL_PARAM_BLD_to_param(builder.get()));
  const std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>> maker(
      EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* raw = nullptr;
  must(EVP_PKEY_fromdata_init(maker.get()) == 1 &&
       EVP_PKEY_fromdata(maker.get(), &raw, EVP_PKEY_KEYPAIR, parameters.get()) == 1);
  const std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>> key(raw);
  std::FILE* file = std::fopen(path.c_str(), "w");
  BOOST_REQUIRE(file != nullptr);
  must(PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  std::fclose(file);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(card_certificate)

BOOST_AUTO_TEST_CASE(each_kind_of_key_that_is_taken) {
  const OpensslAuthority authority;
  const CardPolicy policy = policy_of(authority);
  for (const char* key : {"-algorithm EC -pkeyopt ec_paramgen_curve:P-256",
                          "-algorithm EC -pkeyopt ec_paramgen_curve:P-384", "-algorithm ED25519",
                          "-algorithm RSA -pkeyopt rsa_keygen_bits:2048",
                          "-algorithm RSA -pkeyopt rsa_keygen_bits:3072"}) {
    const auto path = judge(authority.issue({.key = key}), policy, {}, now());
    BOOST_REQUIRE_MESSAGE(path, key << ": " << path.error().what);
    BOOST_TEST(path->size() == 2U);
  }
}

BOOST_AUTO_TEST_CASE(keys_that_are_not_taken) {
  const OpensslAuthority authority;
  const CardPolicy policy = policy_of(authority);
  BOOST_TEST(judged(authority.issue(
                        {.name = "short", .key = "-algorithm RSA -pkeyopt rsa_keygen_bits:1024"}),
                    policy) == "certificate-key");
  BOOST_TEST(judged(authority.issue({.name = "koblitz",
                                     .key = "-algorithm EC -pkeyopt ec_paramgen_curve:secp256k1"}),
                    policy) == "certificate-key");
  BOOST_TEST(judged(authority.issue(
                        {.name = "long", .key = "-algorithm EC -pkeyopt ec_paramgen_curve:P-521"}),
                    policy) == "certificate-key");
}

BOOST_AUTO_TEST_CASE(T42_a_modulus_with_the_fingerprint) {
  const OpensslAuthority authority;
  const std::filesystem::path file = authority.folder() / "faulty.pem";
  write_faulty_key(file);
  const crypto::Certificate weak = authority.issue({.name = "weak", .key_file = file.string()});
  BOOST_TEST(judged(weak, policy_of(authority)) == "roca");
  BOOST_TEST(has_roca_key(weak));
  BOOST_TEST(!has_roca_key(
      authority.issue({.name = "sound", .key = "-algorithm RSA -pkeyopt rsa_keygen_bits:2048"})));
  BOOST_TEST(!has_roca_key(authority.issue({})));
  BOOST_TEST(!crypto::has_roca_fingerprint({}));
}

BOOST_AUTO_TEST_CASE(T43_time) {
  const OpensslAuthority authority;
  const CardPolicy policy = policy_of(authority);
  const crypto::Certificate leaf = authority.issue({.days = 30});
  BOOST_TEST(judged(leaf, policy, now() - day) == "certificate-not-yet-valid");
  BOOST_TEST(judged(leaf, policy, leaf.not_after() - Milliseconds(1000)) == "taken");
  BOOST_TEST(judged(leaf, policy, leaf.not_after() + Milliseconds(1000)) == "certificate-expired");
}

BOOST_AUTO_TEST_CASE(T43_what_it_is_for) {
  const OpensslAuthority authority;
  CardPolicy policy = policy_of(authority);
  BOOST_TEST(judged(authority.issue(
                        {.extensions =
                             "keyUsage=critical,keyEncipherment\nextendedKeyUsage=clientAuth\n"}),
                    policy) == "certificate-usage");
  BOOST_TEST(
      judged(authority.issue({.extensions = "extendedKeyUsage=serverAuth,emailProtection\n"}),
             policy) == "certificate-usage");
  BOOST_TEST(judged(authority.issue({.extensions = "basicConstraints=CA:TRUE\n"}), policy) ==
             "certificate-usage");
  BOOST_TEST(judged(authority.issue({.extensions = "extendedKeyUsage=1.3.6.1.4.1.311.20.2.2\n"}),
                    policy) == "taken");
  BOOST_TEST(judged(authority.issue({.extensions = "extendedKeyUsage=2.16.840.1.101.3.6.8\n"}),
                    policy) == "taken");
  const crypto::Certificate without =
      authority.issue({.extensions = "keyUsage=digitalSignature\n"});
  BOOST_TEST(judged(without, policy) == "taken");
  policy.extended_key_usage_required = true;
  BOOST_TEST(judged(without, policy) == "certificate-usage");
}

BOOST_AUTO_TEST_CASE(T43_somebody_elses_authority) {
  const OpensslAuthority authority, other("Test CA");  // of the same name
  BOOST_TEST(judged(other.issue({}), policy_of(authority)) != "taken");
  const OpensslAuthority stranger("Stranger");
  BOOST_TEST(judged(stranger.issue({}), policy_of(authority)) == "unknown-ca");
  BOOST_TEST(judged(stranger.issue({}), CardPolicy{.revocation = RevocationRule::off}) ==
             "unknown-ca");
}

BOOST_AUTO_TEST_CASE(T43_sha1) {
  const OpensslAuthority root("Root"), below("Below");
  const crypto::Certificate leaf = below.issue({.digest = "sha1"});
  BOOST_TEST(judged(leaf, policy_of(below)) == "certificate-weak");
}

BOOST_AUTO_TEST_CASE(paths_over_an_intermediate) {
  const OpensslAuthority root("Root"), below("Below");
  const crypto::Certificate leaf = below.issue({});
  CardPolicy policy = policy_of(root);
  BOOST_TEST(judged(leaf, policy) == "unknown-ca");
  policy.intermediates = {root.certify(
      below, "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n")};
  const auto path = judge(leaf, policy, {}, now());
  BOOST_REQUIRE(path);
  BOOST_TEST(path->size() == 3U);
  policy.intermediates = {root.certify(below, "basicConstraints=critical,CA:FALSE\n")};
  BOOST_TEST(judged(leaf, policy) == "certificate-path");
}

BOOST_AUTO_TEST_CASE(T43_name_constraints) {
  const OpensslAuthority root("Root"), below("Below");
  CardPolicy policy = policy_of(root);
  policy.intermediates = {
      root.certify(below,
                   "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,"
                   "cRLSign\nnameConstraints=critical,permitted;email:corp.example\n")};
  BOOST_TEST(judged(below.issue({.extensions = "subjectAltName=email:alice@corp.example\n"}),
                    policy) == "taken");
  BOOST_TEST(judged(below.issue({.extensions = "subjectAltName=email:alice@elsewhere.example\n"}),
                    policy) == "certificate-names");
}

BOOST_AUTO_TEST_CASE(T43_certificate_policies) {
  const OpensslAuthority authority;
  CardPolicy policy = policy_of(authority);
  policy.policies = {"2.16.840.1.101.3.2.1.3.7"};
  BOOST_TEST(
      judged(authority.issue({.extensions = "certificatePolicies=2.16.840.1.101.3.2.1.3.7\n"}),
             policy) == "taken");
  BOOST_TEST(judged(authority.issue({.extensions = "certificatePolicies=1.2.3.4\n"}), policy) ==
             "certificate-policy");
  BOOST_TEST(judged(authority.issue({}), policy) == "certificate-policy");
}

BOOST_AUTO_TEST_CASE(T43_revoked_by_list) {
  const OpensslAuthority authority;
  const CardPolicy required = policy_of(authority, RevocationRule::required),
                   if_known = policy_of(authority, RevocationRule::if_known);
  const crypto::Certificate alice = authority.issue({.name = "alice"}),
                            bob = authority.issue({.name = "bob"});
  BOOST_TEST(judged(alice, required) == "revocation-unknown");
  BOOST_TEST(judged(alice, if_known) == "taken");
  const crypto::RevocationEvidence before{{authority.list()}, {}};
  BOOST_TEST(judged(alice, required, now(), before) == "taken");
  authority.revoke("alice");
  const crypto::RevocationEvidence after{{authority.list()}, {}};
  BOOST_TEST(judged(alice, required, now(), after) == "certificate-revoked");
  BOOST_TEST(judged(alice, if_known, now(), after) == "certificate-revoked");
  BOOST_TEST(judged(bob, required, now(), after) == "taken");
  // Too old a list says nothing; one of another authority neither.
  BOOST_TEST(judged(bob, required, now() + 8 * day, after) == "revocation-unknown");
  const OpensslAuthority other("Test CA");
  BOOST_TEST(judged(bob, required, now(), {{other.list()}, {}}) == "revocation-unknown");
  BOOST_TEST(judged(alice, required, now(), {{other.list(), after.lists.front()}, {}}) ==
             "certificate-revoked");
}

BOOST_AUTO_TEST_CASE(T43_revoked_by_responder) {
  const OpensslAuthority authority;
  const CardPolicy policy = policy_of(authority, RevocationRule::required);
  const crypto::Certificate alice = authority.issue({.name = "alice"}),
                            bob = authority.issue({.name = "bob"});
  const Bytes about_alice = crypto::ocsp_request(alice, authority.certificate()),
              about_bob = crypto::ocsp_request(bob, authority.certificate());
  BOOST_TEST(judged(alice, policy, now(), {{}, {authority.respond(about_alice)}}) == "taken");
  authority.revoke("alice");
  const Bytes revoked = authority.respond(about_alice);
  BOOST_TEST(judged(alice, policy, now(), {{}, {revoked}}) == "certificate-revoked");
  BOOST_TEST(judged(alice, policy, now(), {{authority.list()}, {}}) == "certificate-revoked");
  // An answer about somebody else, a late one, a damaged one, one signed by a certificate that is
  // not for it.
  BOOST_TEST(judged(bob, policy, now(), {{}, {revoked}}) == "revocation-unknown");
  const Bytes good = authority.respond(about_bob);
  BOOST_TEST(judged(bob, policy, now(), {{}, {good}}) == "taken");
  BOOST_TEST(judged(bob, policy, now() + 2 * day, {{}, {good}}) == "revocation-unknown");
  BOOST_TEST(judged(bob, policy, now() - day, {{}, {good}}) == "certificate-not-yet-valid");
  for (std::size_t at = 0; at < 200;
       at += 7) {  // what is signed, and the signature; certificates come after it
    Bytes damaged = good;
    damaged[at] ^= 1;
    BOOST_TEST(judged(bob, policy, now(), {{}, {damaged}}) == "revocation-unknown", "octet " << at);
  }
  BOOST_TEST(judged(bob, policy, now(), {{}, {authority.respond(about_bob, "bob")}}) ==
             "revocation-unknown");
  (void)authority.issue(
      {.name = "responder",
       .extensions = "keyUsage=digitalSignature\nextendedKeyUsage=OCSPSigning\n"});
  BOOST_TEST(judged(bob, policy, now(), {{}, {authority.respond(about_bob, "responder")}}) ==
             "taken");
  BOOST_TEST(crypto::ocsp_next_update(good).has_value());
  BOOST_TEST(!crypto::ocsp_next_update({}).has_value());
}

BOOST_AUTO_TEST_CASE(what_could_be_fetched) {
  const OpensslAuthority authority;
  const crypto::Certificate leaf = authority.issue(
      {.extensions =
           "authorityInfoAccess=OCSP;URI:http://ocsp.example/,OCSP;URI:ldap://x/"
           "\ncrlDistributionPoints=URI:http://crl.example/ca.crl,URI:file:///etc/passwd\n"});
  const auto asked = wanted(leaf, policy_of(authority, RevocationRule::required), now());
  BOOST_REQUIRE(asked.size() == 1U);
  BOOST_TEST(asked[0].responders == std::vector<std::string>{"http://ocsp.example/"},
             boost::test_tools::per_element());
  BOOST_TEST(asked[0].lists == std::vector<std::string>{"http://crl.example/ca.crl"},
             boost::test_tools::per_element());
  BOOST_TEST(wanted(leaf, policy_of(authority, RevocationRule::off), now()).empty());
  const OpensslAuthority stranger("Stranger");
  BOOST_TEST(wanted(leaf, policy_of(stranger, RevocationRule::required), now())
                 .empty());  // nothing is fetched for strangers
}

// What a CA may certify binds those below it.
BOOST_AUTO_TEST_CASE(T43_a_ca_for_something_else_certifies_nobody_for_signing_in) {
  const OpensslAuthority root, between("Between");
  const std::string ca =
      "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n";
  const auto with = [&](const std::string& usages, const std::string& leaf_usages) {
    CardPolicy policy = policy_of(root);
    policy.intermediates = {root.certify(between, ca + usages)};
    return judged(
        between.issue({.extensions = "keyUsage=critical,digitalSignature\n" + leaf_usages}),
        policy);
  };
  const std::string client = "extendedKeyUsage=clientAuth\n",
                    server = "extendedKeyUsage=serverAuth\n";
  BOOST_TEST(with("", client) == "taken");
  BOOST_TEST(with("extendedKeyUsage=clientAuth,serverAuth\n", client) == "taken");
  BOOST_TEST(with("extendedKeyUsage=anyExtendedKeyUsage\n", client) == "taken");
  BOOST_TEST(with(server, client) == "certificate-usage");
  BOOST_TEST(with(server, "") == "certificate-usage");
  BOOST_TEST(with("extendedKeyUsage=msSmartcardLogin\n", client) ==
             "certificate-usage");  // the leaf is not for that
  // An anchor that is no root is held to what it is for; a root is what somebody chose.
  CardPolicy at_between = policy_of(root);
  at_between.anchors = {root.certify(between, ca + server)};
  BOOST_TEST(judged(between.issue({}), at_between) == "certificate-usage");
  const OpensslAuthority odd("Odd", server);
  BOOST_TEST(judged(odd.issue({}), policy_of(odd)) == "taken");
}

BOOST_AUTO_TEST_SUITE_END()
