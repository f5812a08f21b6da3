// SPDX-License-Identifier: Apache-2.0
// Cards that are issued here: the authority, the key made on the card, what replaces the factory's,
// and what other programs say of it.
#include <boost/test/unit_test.hpp>

#include "tests/e2e/support/card_house.h"

using namespace countersign::test;

namespace {

using Place = SoftCard::Place;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct Issuer : KeyHouse {
  Issuer() {
    (void)told(daemon, {"user", "add", "ada", "--email", "ada@example.org"});
    write_file(folder / "new-pin", "246810\n");
    write_file(folder / "ca.pem",
               text(told(daemon, {"ca", "init", "--name", "Example cards"}), "certificate"));
  }
  [[nodiscard]] Done provision(std::vector<std::string> more = {},
                               const std::string& pin_file = {}) const {
    std::vector<std::string> words{"device",
                                   "provision",
                                   "piv",
                                   "--user",
                                   "ada",
                                   "--new-pin-file",
                                   pin_file.empty() ? folder / "new-pin" : pin_file};
    words.insert(words.end(), more.begin(), more.end());
    return tap(words);
  }
};

struct IssuerWithReader : OwnPcscd, Issuer {};

}  // namespace

BOOST_AUTO_TEST_SUITE(provisioning)

BOOST_FIXTURE_TEST_CASE(a_card_is_provisioned_enrolled_and_used, Issuer) {
  const SoftCard card(Place::socket, keys(), "blue");
  const Done done = provision();
  BOOST_REQUIRE(done.exit_code == 0);
  BOOST_TEST(told(done, "new-pin"));
  for (const char* const replaced : {"pin_set", "puk_set", "management_key_set"})
    BOOST_TEST(done.object.at(replaced).as_bool(), replaced);
  // The certificate leads to the authority, and is for ada; so openssl says. The attestation leads
  // to the card's root.
  const std::string certificate = folder / "certificate.pem",
                    attestation = folder / "attestation.pem";
  write_file(certificate, text(done.object, "certificate"));
  write_file(attestation, text(done.object, "attestation"));
  tool({"openssl", "verify", "-CAfile", folder / "ca.pem", "-purpose", "sslclient", certificate});
  const std::string about = tool({"openssl", "x509", "-in", certificate, "-noout", "-text"});
  for (const char* const part : {"CN = ada", "email:ada@example.org",
                                 "TLS Web Client Authentication", "Microsoft Smartcard Login"})
    BOOST_TEST(has(about, part), about);
  BOOST_TEST(tool({"openssl", "x509", "-in", certificate, "-noout", "-pubkey"}) ==
             tool({"openssl", "x509", "-in", attestation, "-noout", "-pubkey"}));

  // It is hers already: the store's own authority needs no line in the configuration.
  const Json row = told(daemon, {"authenticator", "show", text(done.object, "authenticator")});
  BOOST_TEST(text(row, "user") == "ada");
  BOOST_TEST(text(row, "serial") == text(done.object, "serial") + "-9a");
  BOOST_TEST(text(row, "not_after") == text(done.object, "not_after"));
  BOOST_TEST(verdict("ada", {"--pin-file", pin("246810")}) == "verified");
}

BOOST_FIXTURE_TEST_CASE(a_card_is_provisioned_again_with_the_key_that_the_store_keeps, Issuer) {
  const SoftCard card(Place::socket, keys(), "blue");
  const Done first = provision({"--algorithm", "P-384"});
  BOOST_REQUIRE(first.exit_code == 0);
  const Done second =
      provision({"--slot", "9c", "--algorithm", "RSA-2048", "--pin-policy", "always"});
  BOOST_REQUIRE_MESSAGE(second.exit_code == 0, boost::json::serialize(second.object));
  for (const char* const replaced : {"pin_set", "puk_set", "management_key_set"})
    BOOST_TEST(!second.object.at(replaced).as_bool(), replaced);
  // Another key in the same slot is the same authenticator; the key before signs nobody in any
  // more.
  const Done again = provision({"--algorithm", "P-384", "--days", "30"});
  BOOST_REQUIRE(again.exit_code == 0);
  BOOST_TEST(text(again.object, "certificate") != text(first.object, "certificate"));
  BOOST_TEST(text(again.object, "authenticator") == text(first.object, "authenticator"));
  BOOST_TEST(verdict("ada", {"--pin-file", pin("246810")}) == "verified");
}

BOOST_FIXTURE_TEST_CASE(every_kind_of_key_signs_its_user_in, Issuer) {
  for (const char* const algorithm : {"P-256", "P-384", "RSA-3072", "RSA-4096", "Ed25519"}) {
    BOOST_TEST_CONTEXT(algorithm) {
      const SoftCard card(Place::socket, keys(), std::string("card-") + algorithm);
      const Done done = provision({"--algorithm", algorithm, "--timeout", "60"});
      BOOST_REQUIRE_MESSAGE(done.exit_code == 0, boost::json::serialize(done.object));
      BOOST_TEST(text(done.object, "algorithm") == algorithm);
      BOOST_TEST(verdict("ada", {"--pin-file", pin("246810")}) == "verified");
    }
  }
}

BOOST_FIXTURE_TEST_CASE(slots_and_policies_are_as_they_were_asked_for, Issuer) {
  {
    const SoftCard card(Place::socket, keys(), "touch");
    const Done done = provision({"--touch-policy", "always"});
    BOOST_REQUIRE_MESSAGE(done.exit_code == 0, boost::json::serialize(done.object));
    BOOST_TEST(told(done, "touch"));
    const Done used = tap({"verify", "--tap", "--user", "ada", "--pin-file", pin("246810")});
    BOOST_TEST(used.exit_code == 0);
    BOOST_TEST(told(used, "touch"));
  }
  // Card authentication wants no PIN: possession, and no more.
  const SoftCard card(Place::socket, keys(), "door");
  const Done done = provision({"--slot", "9e", "--label", "door"});
  BOOST_REQUIRE_MESSAGE(done.exit_code == 0, boost::json::serialize(done.object));
  BOOST_TEST(text(told(daemon, {"authenticator", "show", text(done.object, "authenticator")}),
                  "label") == "door");
  const Done used = tap({"verify", "--tap", "--user", "ada"});
  BOOST_TEST(used.exit_code == 0);
  BOOST_TEST(!told(used, "pin"));
  BOOST_TEST(used.object.at("aal").as_int64() == 1);
}

BOOST_FIXTURE_TEST_CASE(a_card_of_somebody_else_is_not_touched, Issuer) {
  (void)told(daemon, {"user", "add", "bob"});
  const SoftCard card(Place::socket, keys(), "blue");
  BOOST_REQUIRE(provision().exit_code == 0);
  const Done taken =
      tap({"device", "provision", "piv", "--user", "bob", "--pin-file", pin("246810")});
  BOOST_TEST(taken.exit_code == 6);
  BOOST_TEST(verdict("ada", {"--pin-file", pin("246810")}) == "verified");
}

BOOST_FIXTURE_TEST_CASE(puk_and_management_key_are_kept_sealed_and_shown_with_a_record, Issuer) {
  const SoftCard card(Place::socket, keys(), "blue");
  const Done done = provision();
  BOOST_REQUIRE(done.exit_code == 0);
  const std::string serial = text(done.object, "serial");
  const Json secrets = told(daemon, {"device", "reveal", serial});
  BOOST_TEST(text(secrets, "puk").size() == 8U);
  BOOST_TEST(text(secrets, "management_key").size() == 48U);
  BOOST_TEST(!has(content_of(database()), text(secrets, "puk")));
  BOOST_TEST(has(daemon.cli({"audit", "list"}).out, "card.secrets-revealed"));
  (void)told(daemon, {"device", "reveal", "12345"}, 6);
  // Once an administrator has a factor, it takes theirs, for this card.
  (void)told(daemon, {"user", "add", "chief", "--role", "admin"});
  const Phone chief = enroll_totp(daemon, "chief");
  (void)told(daemon, {"device", "reveal", serial}, 5);
  (void)told(daemon,
             {"device", "reveal", serial, "--as", "chief", "--code", fresh_code(daemon, chief)});
  // They are the card's: a rotation of the data keys changes nothing.
  (void)told(daemon, {"key", "rotate"});
  BOOST_TEST(text(told(daemon, {"device", "reveal", serial, "--as", "chief", "--code",
                                fresh_code(daemon, chief)}),
                  "puk") == text(secrets, "puk"));
  write_file(folder / "puk", text(secrets, "puk"));
  write_file(folder / "third-pin", "135791\n");
  BOOST_TEST(tap({"device", "pin", "unblock", "--pin-file", folder / "puk", "--new-pin-file",
                  folder / "third-pin"})
                 .exit_code == 0);
}

BOOST_FIXTURE_TEST_CASE(nothing_is_done_to_a_card_that_could_not_be_finished, Issuer) {
  const SoftCard card(Place::socket, keys(), "blue");
  BOOST_TEST(tap({"device", "provision", "piv", "--user", "nobody"}).exit_code == 6);
  write_file(folder / "short-pin", "123\n");
  BOOST_TEST(provision({}, folder / "short-pin").exit_code != 0);
  // Cards of an authority that nobody trusts here would let nobody in.
  const Authority stranger(folder.path(), "ca");
  const Done strange = provision({"--ca", folder.path()});
  BOOST_TEST(strange.exit_code == 2);
  BOOST_TEST(has(boost::json::serialize(strange.object), "no-anchors"),
             boost::json::serialize(strange.object));
  // The card still is as from the factory but for a key without a certificate: it can be
  // provisioned.
  const Done done = provision();
  BOOST_TEST(done.exit_code == 0);
  BOOST_TEST(done.object.at("pin_set").as_bool());
}

BOOST_FIXTURE_TEST_CASE(a_management_key_of_somebody_elses_is_given_once_and_replaced,
                        IssuerWithReader) {
  const std::string theirs(48, '7');
  const SoftCard card(Place::first_reader, keys(), "blue");
  tool({"/usr/bin/yubico-piv-tool", "--reader=Virtual PCD 00 00", "-a", "set-mgm-key", "-n",
        theirs});
  const Done unknown = provision();
  BOOST_TEST(unknown.exit_code != 0);
  BOOST_TEST(has(boost::json::serialize(unknown.object), "the same command goes on"),
             boost::json::serialize(unknown.object));
  write_file(folder / "short-key", "77\n");
  BOOST_TEST(provision({"--management-key-file", folder / "short-key"}).exit_code == 2);
  write_file(folder / "their-key", theirs + "\n");
  const Done done = provision({"--management-key-file", folder / "their-key"});
  BOOST_REQUIRE_MESSAGE(done.exit_code == 0, boost::json::serialize(done.object));
  BOOST_TEST(done.object.at("management_key_set").as_bool());
  const Json secrets = told(daemon, {"device", "reveal", text(done.object, "serial")});
  BOOST_TEST(text(secrets, "management_key") != theirs);
  tool({"/usr/bin/yubico-piv-tool", "--reader=Virtual PCD 00 00",
        "-k" + text(secrets, "management_key"), "-a", "set-ccc"});
  BOOST_TEST(provision().exit_code == 0);
}

BOOST_FIXTURE_TEST_CASE(independent_programs_use_what_was_provisioned, IssuerWithReader) {
  const SoftCard card(Place::first_reader, keys(), "blue");
  const Done done = provision({"--algorithm", "RSA-2048"});
  BOOST_REQUIRE(done.exit_code == 0);
  const std::string certificate = folder / "certificate.pem", public_key = folder / "public.pem",
                    signature = folder / "signature";
  write_file(certificate, text(done.object, "certificate"));
  write_file(public_key, tool({"openssl", "x509", "-in", certificate, "-noout", "-pubkey"}));
  write_file(folder / "data", std::string(32, 'd'));
  const std::string status =
      tool({"/usr/bin/yubico-piv-tool", "--reader=Virtual PCD 00 00", "-a", "status"});
  BOOST_TEST(has(status, "CN=ada"), status);
  BOOST_TEST(!has(status, "No data available"), status);  // CHUID and CCC are there
  tool({"/usr/bin/yubico-piv-tool", "--reader=Virtual PCD 00 00", "-a", "verify-pin", "-P",
        "246810", "-a", "test-signature", "-s", "9a", "-i", certificate});
  const std::string attested =
      tool({"/usr/bin/yubico-piv-tool", "--reader=Virtual PCD 00 00", "-a", "attest", "-s", "9a"});
  write_file(folder / "attested.pem", attested);
  BOOST_TEST(tool({"openssl", "x509", "-in", folder / "attested.pem", "-noout", "-pubkey"}) ==
             content_of(public_key));
  tool({"openssl", "verify", "-CAfile", folder / "ca.pem", "-purpose", "sslclient", certificate});
  BOOST_TEST(tool({"/usr/bin/pkcs15-tool", "--read-certificate", "01"}) ==
             tool({"openssl", "x509", "-in", certificate}));
  BOOST_TEST(has(tool({"/usr/bin/pkcs15-tool", "-D"}), "Private RSA Key"));
  const std::string about =
      tool({"/usr/bin/ykman", "--reader", OwnPcscd::first_reader, "piv", "info"});
  BOOST_TEST(has(about, "CN=ada"), about);
  BOOST_TEST(has(about, "CN=Example cards"), about);  // its issuer
  BOOST_TEST(!has(about, "default"),
             about);  // neither PIN nor PUK nor management key is the factory's
  tool({"/usr/bin/pkcs11-tool", "--login", "--pin", "246810", "--sign", "--id", "01", "-m",
        "SHA256-RSA-PKCS", "-i", folder / "data", "-o", signature});
  tool({"openssl", "dgst", "-sha256", "-verify", public_key, "-signature", signature,
        folder / "data"});
  // The management key that the store keeps is the card's.
  const Json secrets = told(daemon, {"device", "reveal", text(done.object, "serial")});
  tool({"/usr/bin/yubico-piv-tool", "--reader=Virtual PCD 00 00",
        "-k" + text(secrets, "management_key"), "-a", "set-ccc"});
}

BOOST_AUTO_TEST_SUITE_END()
