// SPDX-License-Identifier: Apache-2.0
// Yubico's programs on the virtual card: yubico-piv-tool and ykman, over a real pcscd.
#include <boost/test/unit_test.hpp>

#include "tests/e2e/support/own_pcscd.h"

using namespace countersign::test;

namespace {

struct Desk {
  TemporaryFolder folder;
  OwnPcscd pcscd;
  SoftCard card{SoftCard::Place::first_reader, folder.path(), "card"};

  [[nodiscard]] Ran piv_run(std::vector<std::string> words) const {
    words.insert(words.begin(), {"/usr/bin/yubico-piv-tool", "--reader=Virtual PCD 00 00"});
    return run(words);
  }
  // It must end with 0; all that it said.
  [[nodiscard]] std::string piv(std::vector<std::string> words) const {
    const Ran ran = piv_run(std::move(words));
    BOOST_REQUIRE_MESSAGE(ran.exit_code == 0, ran.out << ran.err);
    return ran.out + ran.err;
  }
  [[nodiscard]] std::string ykman(std::vector<std::string> words) const {
    words.insert(words.begin(), {"/usr/bin/ykman", "--reader", OwnPcscd::first_reader});
    return tool(words);
  }

  // A key in the slot, and a certificate over it by an openssl CA, put onto the card. The
  // certificate's file.
  [[nodiscard]] std::string issue(const std::string& slot, const std::string& algorithm) const {
    const std::string public_key = folder / (slot + ".pub.pem"),
                      certificate = folder / (slot + ".pem"), authority = folder / "ca";
    (void)piv({"-a", "generate", "-s", slot, "-A", algorithm, "-o", public_key});
    tool({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
          "-nodes", "-keyout", authority + ".key", "-out", authority + ".pem", "-subj", "/CN=ca"});
    tool({"openssl", "x509", "-new", "-force_pubkey", public_key, "-CA", authority + ".pem",
          "-CAkey", authority + ".key", "-subj", "/CN=ada", "-days", "10", "-out", certificate});
    (void)piv({"-a", "import-certificate", "-s", slot, "-i", certificate});
    return certificate;
  }
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(virtual_card_yubico)

BOOST_FIXTURE_TEST_CASE(keys_of_every_type_that_the_program_knows_sign, Desk) {
  for (const auto& [slot, algorithm] : {std::pair{"9a", "ECCP256"}, std::pair{"9d", "ECCP384"},
                                        std::pair{"9e", "RSA1024"}, std::pair{"82", "RSA2048"}}) {
    const std::string certificate = issue(slot, algorithm);
    const std::string said = piv({"-a", "verify-pin", "-P", "123456", "-a",
                                  std::string(slot) == "9d" ? "test-decipher" : "test-signature",
                                  "-s", slot, "-i", certificate});
    BOOST_TEST(has(said, "uccessful"), slot << ": " << said);
    BOOST_TEST(has(piv({"-a", "read-certificate", "-s", slot}), content_of(certificate)), slot);
  }
  BOOST_TEST(has(piv({"-a", "status"}), "Subject DN:\tCN=ada"));
}

BOOST_FIXTURE_TEST_CASE(a_key_needs_its_pin, Desk) {
  const std::string certificate = issue("9a", "ECCP256");
  BOOST_TEST(piv_run({"-a", "test-signature", "-s", "9a", "-i", certificate}).exit_code != 0);
}

BOOST_FIXTURE_TEST_CASE(pins_change_block_and_come_back, Desk) {
  (void)piv({"-a", "change-pin", "-P", "123456", "-N", "654321"});
  (void)piv({"-a", "change-puk", "-P", "12345678", "-N", "87654321"});
  for (const char* const told : {"2 tries left", "1 tries left", "code blocked"}) {
    const Ran wrong = piv_run({"-a", "verify-pin", "-P", "111111"});
    BOOST_TEST(wrong.exit_code != 0);
    BOOST_TEST(has(wrong.err, told), wrong.err);
  }
  BOOST_TEST(piv_run({"-a", "verify-pin", "-P", "654321"}).exit_code != 0);
  (void)piv({"-a", "unblock-pin", "-P", "87654321", "-N", "222222"});
  (void)piv({"-a", "verify-pin", "-P", "222222"});
}

BOOST_FIXTURE_TEST_CASE(an_attestation_leads_to_the_cards_root_and_says_that_it_is_virtual, Desk) {
  (void)piv({"-a", "generate", "-s", "9a", "-A", "ECCP256", "--pin-policy=always",
             "--touch-policy=cached", "-o", folder / "key.pem"});
  const std::string attestation = folder / "attestation.pem", issuer = folder / "f9.pem",
                    root = folder / "root.pem";
  (void)piv({"-a", "attest", "-s", "9a", "-o", attestation});
  (void)piv({"-a", "read-certificate", "-s", "f9", "-o", issuer});
  write_file(root, card.root());
  tool({"openssl", "verify", "-CAfile", root, "-untrusted", issuer, attestation});
  BOOST_TEST(has(tool({"openssl", "x509", "-in", attestation, "-noout", "-subject"}),
                 "Countersign virtual PIV Attestation 9a"));
  BOOST_TEST(tool({"openssl", "x509", "-in", attestation, "-noout", "-pubkey"}) ==
             content_of(folder / "key.pem"));
  // Yubico's policy extension: PIN always (3), touch cached (3).
  BOOST_TEST(has(tool({"openssl", "asn1parse", "-in", attestation}), "[HEX DUMP]:0303"));
}

BOOST_FIXTURE_TEST_CASE(chuid_ccc_and_management_key_can_be_set, Desk) {
  (void)piv({"-a", "set-chuid", "-a", "set-ccc"});
  const std::string status = piv({"-a", "status"});
  BOOST_TEST(!has(status, "No data available"), status);
  const std::string fresh(48, '7');
  (void)piv({"-a", "set-mgm-key", "-n", fresh});
  BOOST_TEST(piv_run({"-a", "set-chuid"}).exit_code != 0);
  (void)piv({"-k" + fresh, "-a", "set-chuid"});
}

BOOST_FIXTURE_TEST_CASE(an_imported_key_signs_and_has_no_attestation, Desk) {
  const std::string key = folder / "made-elsewhere.pem", certificate = folder / "certificate.pem";
  tool({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out",
        certificate, "-subj", "/CN=grace"});
  (void)piv({"-a", "import-key", "-s", "9a", "-i", key});
  BOOST_TEST(has(piv({"-a", "verify-pin", "-P", "123456", "-a", "test-signature", "-s", "9a", "-i",
                      certificate}),
                 "uccessful"));
  BOOST_TEST(piv_run({"-a", "attest", "-s", "9a"}).exit_code != 0);
}

BOOST_FIXTURE_TEST_CASE(only_a_card_that_is_locked_out_can_be_reset, Desk) {
  (void)issue("9a", "ECCP256");
  BOOST_TEST(piv_run({"-a", "reset"}).exit_code != 0);
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(piv_run({"-a", "verify-pin", "-P", "111111"}).exit_code != 0);
    BOOST_TEST(piv_run({"-a", "unblock-pin", "-P", "11111111", "-N", "222222"}).exit_code != 0);
  }
  (void)piv({"-a", "reset"});
  BOOST_TEST(!has(piv({"-a", "status"}), "CN=ada"));
  (void)piv({"-a", "verify-pin", "-P", "123456"});
}

BOOST_FIXTURE_TEST_CASE(ykman_tells_what_it_is, Desk) {
  const std::string device = ykman({"info"});
  BOOST_TEST(has(device, "Firmware version: 5.7.1"), device);
  BOOST_TEST(has(device, "PIV"), device);
  (void)issue("9a", "ECCP256");
  const std::string info = ykman({"piv", "info"});
  BOOST_TEST(has(info, "PIN tries remaining: 3/3"), info);
  BOOST_TEST(has(info, "Subject DN:\tCN=ada"), info);
}

BOOST_FIXTURE_TEST_CASE(ykman_makes_a_management_key_for_aes_and_a_certificate, Desk) {
  const std::string key(64, '5');
  (void)ykman({"piv", "access", "change-management-key", "--algorithm", "AES256",
               "--management-key", "010203040506070801020304050607080102030405060708",
               "--new-management-key", key});
  const std::string public_key = folder / "public.pem";
  (void)ykman({"piv", "keys", "generate", "--management-key", key, "--algorithm", "ECCP384", "9c",
               public_key});
  (void)ykman({"piv", "certificates", "generate", "--management-key", key, "--pin", "123456",
               "--subject", "CN=ada", "9c", public_key});
  (void)ykman({"piv", "certificates", "export", "9c", folder / "certificate.pem"});
  tool({"openssl", "verify", "-CAfile", folder / "certificate.pem", folder / "certificate.pem"});
}

BOOST_AUTO_TEST_SUITE_END()
