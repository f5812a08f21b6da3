// SPDX-License-Identifier: Apache-2.0
// OpenSC's programs on the virtual card: piv-tool, pkcs15-tool, pkcs11-tool. What they sign is
// judged by openssl.
#include <boost/test/unit_test.hpp>

#include <memory>

#include "tests/e2e/support/own_pcscd.h"

using namespace countersign::test;

namespace {

struct Desk {
  Desk() {
    write_file(folder / "management-key",
               "01:02:03:04:05:06:07:08:01:02:03:04:05:06:07:08:01:02:03:04:05:06:07:08");
    setenv("PIV_EXT_AUTH_KEY", (folder / "management-key").c_str(), 1);
    write_file(folder / "data", std::string(32, 'd'));
    insert("yubikey");
  }
  TemporaryFolder folder;
  OwnPcscd pcscd;
  std::unique_ptr<SoftCard> card;

  // The same card, of another profile.
  void insert(const std::string& profile) {
    if (card) {
      card->control({"remove"});
      wait_for_card(OwnPcscd::first_reader, false);
      card.reset();
    }
    card = std::make_unique<SoftCard>(SoftCard::Place::first_reader, folder.path(), "card",
                                      std::vector<std::string>{"--profile", profile});
  }

  // An RSA key in 9A by piv-tool, and a certificate over it by an openssl CA, which piv-tool puts
  // onto the card. The public key's file.
  [[nodiscard]] std::string issue() const {
    const std::string attestation = folder / "attestation.pem", public_key = folder / "public.pem",
                      certificate = folder / "certificate.pem", authority = folder / "ca";
    // Debian's piv-tool (0.23) makes the key, and then can't write the public key to a file: it
    // asks libcrypto 3 in the way of libcrypto 1.
    BOOST_TEST(
        has(run({"/usr/bin/piv-tool", "-A", "M:9B:03", "-G", "9A:07", "-o", folder / "made"}).err,
            "gen_key"));
    tool({"/usr/bin/yubico-piv-tool", "--reader=Virtual PCD 00 00", "-a", "attest", "-s", "9a",
          "-o", attestation});
    write_file(public_key, tool({"openssl", "x509", "-in", attestation, "-noout", "-pubkey"}));
    BOOST_TEST(
        has(tool({"openssl", "pkey", "-pubin", "-in", public_key, "-noout", "-text"}), "2048 bit"));
    tool({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
          "-nodes", "-keyout", authority + ".key", "-out", authority + ".pem", "-subj", "/CN=ca"});
    tool({"openssl", "x509", "-new", "-force_pubkey", public_key, "-CA", authority + ".pem",
          "-CAkey", authority + ".key", "-subj", "/CN=ada", "-days", "10", "-out", certificate});
    // Its exit code is the number of octets that it wrote: what the card holds then says whether it
    // went well.
    (void)run({"/usr/bin/piv-tool", "-A", "M:9B:03", "-C", "9A", "-i", certificate});
    BOOST_TEST(tool({"/usr/bin/pkcs15-tool", "--read-certificate", "01"}) ==
               tool({"openssl", "x509", "-in", certificate}));
    return public_key;
  }

  // By what is on the card, with the PIN and with a wrong one.
  void signs(const std::string& public_key) const {
    const std::string all = tool({"/usr/bin/pkcs15-tool", "-D"});
    BOOST_TEST(has(all, "Private RSA Key [PIV AUTH key]"), all);
    BOOST_TEST(has(all, "X.509 Certificate [Certificate for PIV Authentication]"), all);
    const std::string signature = folder / "signature";
    const auto words = [&](const std::string& pin) {
      return std::vector<std::string>{
          "/usr/bin/pkcs11-tool", "--login", "--pin",         pin,  "--sign", "--id", "01", "-m",
          "SHA256-RSA-PKCS",      "-i",      folder / "data", "-o", signature};
    };
    tool(words("123456"));
    tool({"openssl", "dgst", "-sha256", "-verify", public_key, "-signature", signature,
          folder / "data"});
    const Ran wrong = run(words("999999"));
    BOOST_TEST(wrong.exit_code != 0);
    BOOST_TEST(has(wrong.err, "CKR_PIN_INCORRECT"), wrong.err);
  }

  [[nodiscard]] static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(virtual_card_opensc)

BOOST_FIXTURE_TEST_CASE(opensc_takes_it_for_a_piv_card, Desk) {
  BOOST_TEST(has(tool({"/usr/bin/opensc-tool", "-n"}), "Personal Identity Verification Card"));
}

BOOST_FIXTURE_TEST_CASE(a_key_made_by_piv_tool_signs_by_pkcs11_without_yubikeys_extensions_too,
                        Desk) {
  const std::string public_key = issue();
  signs(public_key);
  insert("plain");
  signs(public_key);
  BOOST_TEST(
      run({"/usr/bin/yubico-piv-tool", "--reader=Virtual PCD 00 00", "-a", "attest", "-s", "9a"})
          .exit_code != 0);
}

BOOST_FIXTURE_TEST_CASE(elliptic_curves_sign_by_pkcs11, Desk) {
  const std::string public_key = folder / "public.pem", certificate = folder / "certificate.pem",
                    signature = folder / "signature";
  const std::string piv = "/usr/bin/yubico-piv-tool", reader = "--reader=Virtual PCD 00 00";
  tool({piv, reader, "-a", "generate", "-s", "9a", "-A", "ECCP384", "-o", public_key});
  tool({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-keyout", folder / "ca.key", "-out", folder / "ca.pem", "-subj", "/CN=ca"});
  tool({"openssl", "x509", "-new", "-force_pubkey", public_key, "-CA", folder / "ca.pem", "-CAkey",
        folder / "ca.key", "-subj", "/CN=ada", "-out", certificate});
  tool({piv, reader, "-a", "import-certificate", "-s", "9a", "-i", certificate});
  write_file(folder / "digest", std::string(48, 'd'));
  tool({"/usr/bin/pkcs11-tool", "--login", "--pin", "123456", "--sign", "--id", "01", "-m", "ECDSA",
        "-i", folder / "digest", "-o", signature, "--signature-format", "openssl"});
  tool({"openssl", "pkeyutl", "-verify", "-pubin", "-inkey", public_key, "-in", folder / "digest",
        "-sigfile", signature});
}

// A card pulled out and put in again, another one in the second reader, a pcscd that was restarted:
// all are followed.
BOOST_FIXTURE_TEST_CASE(cards_come_and_go_and_so_does_pcscd, Desk) {
  card->control({"remove"});
  wait_for_card(OwnPcscd::first_reader, false);
  card->control({"insert"});
  wait_for_card(OwnPcscd::first_reader);
  const SoftCard second(SoftCard::Place::second_reader, folder.path(), "second");
  pcscd.stop();
  pcscd.start();
  wait_for_card(OwnPcscd::first_reader);
  wait_for_card(OwnPcscd::second_reader);
  BOOST_TEST(has(tool({"/usr/bin/opensc-tool", "-r", OwnPcscd::second_reader, "-n"}),
                 "Personal Identity Verification Card"));
}

BOOST_AUTO_TEST_SUITE_END()
