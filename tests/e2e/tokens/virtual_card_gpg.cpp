// SPDX-License-Identifier: Apache-2.0
// GnuPG on the virtual card: its scdaemon over a real pcscd.
#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>

#include "tests/e2e/support/own_pcscd.h"

using namespace countersign::test;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct Desk {
  Desk() {
    std::filesystem::create_directory(home());
    std::filesystem::permissions(home(), std::filesystem::perms::owner_all);
    setenv("GNUPGHOME", home().c_str(), 1);
    write_file(home() + "/scdaemon.conf",
               "disable-ccid\nreader-port " + std::string(OwnPcscd::first_reader) + "\n");
    write_file(home() + "/gpg-agent.conf", "allow-loopback-pinentry\n");
    write_file(folder / "text", "a text\n");
  }
  ~Desk() { (void)run({"/usr/bin/gpgconf", "--kill", "all"}); }

  TemporaryFolder folder;
  OwnPcscd pcscd;
  SoftCard card{SoftCard::Place::first_reader, folder.path(), "card"};

  [[nodiscard]] std::string home() const { return folder / "gnupg"; }
  // lines: what gpg asks for, PINs too.
  [[nodiscard]] Ran gpg(std::vector<std::string> words, const std::string& lines = {}) const {
    words.insert(words.begin(), {"/usr/bin/gpg", "--no-tty", "--yes", "--pinentry-mode", "loopback",
                                 "--command-fd", "0", "--status-fd", "1", "--expert"});
    return run(words, lines);
  }
  void does(std::vector<std::string> words, const std::string& lines = {}) const {
    const Ran ran = gpg(std::move(words), lines);
    BOOST_REQUIRE_MESSAGE(ran.exit_code == 0, ran.out << ran.err);
  }
  // Three keys on the card and one OpenPGP key of them, by `gpg --card-edit`. before: commands of
  // card-edit that come first.
  void make_keys(const std::string& before) const {
    const Ran made =
        gpg({"--card-edit"}, "admin\n" + before +
                                 "generate\n12345678\n123456\n0\nAda "
                                 "Lovelace\nada@example.org\n\n123456\n123456\n123456\nquit\n");
    BOOST_REQUIRE_MESSAGE(has(made.out, "KEY_CREATED B"), made.out << made.err);
  }
  void sign_and_decrypt() const {
    does({"-o", folder / "signature", "--detach-sign", folder / "text"}, "123456\n");
    does({"--verify", folder / "signature", folder / "text"});
    does({"-o", folder / "sealed", "--trust-model", "always", "-r", "ada@example.org", "-e",
          folder / "text"});
    does({"-o", folder / "opened", "-d", folder / "sealed"}, "123456\n");
    BOOST_TEST(content_of(folder / "opened") == "a text\n");
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(virtual_card_gpg)

BOOST_FIXTURE_TEST_CASE(card_status_tells_a_test_card, Desk) {
  const std::string status = tool({"/usr/bin/gpg", "--card-status"});
  for (const char* const line :
       {"Version ..........: 3.4", "Manufacturer .....: test card", "PIN retry counter : 3 0 3",
        "Key attributes ...: rsa2048 rsa2048 rsa2048"})
    BOOST_TEST(has(status, line), status);
}

BOOST_FIXTURE_TEST_CASE(rsa_keys_made_by_gpg_sign_and_decrypt, Desk) {
  make_keys("");
  sign_and_decrypt();
  BOOST_TEST(has(tool({"/usr/bin/gpg", "--card-status"}),
                 "Signature counter : 5"));  // four of the key itself, and the text's
}

BOOST_FIXTURE_TEST_CASE(curve25519_signs_and_decrypts, Desk) {
  make_keys("key-attr\n2\n1\n12345678\n2\n1\n12345678\n2\n1\n12345678\n");
  BOOST_TEST(
      has(tool({"/usr/bin/gpg", "--card-status"}), "Key attributes ...: ed25519 cv25519 ed25519"));
  sign_and_decrypt();
}

BOOST_FIXTURE_TEST_CASE(nist_curves_sign_and_decrypt, Desk) {
  make_keys("key-attr\n2\n3\n12345678\n2\n4\n12345678\n2\n3\n12345678\n");
  BOOST_TEST(has(tool({"/usr/bin/gpg", "--card-status"}),
                 "Key attributes ...: nistp256 nistp384 nistp256"));
  sign_and_decrypt();
}

BOOST_FIXTURE_TEST_CASE(a_wrong_pin_costs_a_try, Desk) {
  make_keys("");
  BOOST_TEST(
      gpg({"-o", folder / "signature", "--detach-sign", folder / "text"}, "654321\n").exit_code !=
      0);
  BOOST_TEST(has(tool({"/usr/bin/gpg", "--card-status"}), "PIN retry counter : 2 0 3"));
}

BOOST_AUTO_TEST_SUITE_END()
