// SPDX-License-Identifier: Apache-2.0
// OpenSSH's security keys (ed25519-sk, ecdsa-sk) on the virtual key: made, used for a signature,
// and the signature checked.
#include "tests/e2e/support/virtual_key.h"

using namespace countersign::test;

namespace {

// ssh-keygen asks for PINs through a program.
std::vector<std::string> with_pin(const VirtualKey& key, const std::string& pin,
                                  std::vector<std::string> words) {
  write_text(key.file("askpass"), "#!/bin/sh\necho " + pin + "\n", 0700);
  std::vector<std::string> all{"env", "SSH_ASKPASS=" + key.file("askpass"),
                               "SSH_ASKPASS_REQUIRE=force"};
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

void sign_and_check(const VirtualKey& key, const std::string& name, const std::string& pin) {
  write_text(key.file("message"), "to be signed\n");
  (void)run({"/bin/rm", "-f", key.file("message.sig")});
  key.hold(with_pin(
      key, pin,
      {"ssh-keygen", "-q", "-Y", "sign", "-f", key.file(name), "-n", "file", key.file("message")}));
  write_text(key.file("allowed"), "alice " + succeed({"/bin/cat", key.file(name + ".pub")}));
  const std::vector<std::string> check{"/usr/bin/ssh-keygen",
                                       "-Y",
                                       "verify",
                                       "-f",
                                       key.file("allowed"),
                                       "-I",
                                       "alice",
                                       "-n",
                                       "file",
                                       "-s",
                                       key.file("message.sig")};
  BOOST_TEST(contains(succeed(check, "to be signed\n"), "Good \"file\" signature for alice"));
  BOOST_TEST(run(check, "to be forged\n").exit_code != 0);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(virtual_key_ssh)

BOOST_AUTO_TEST_CASE(a_key_of_each_type_signs) {
  const VirtualKey key("no-pin");
  for (const std::string type : {"ed25519-sk", "ecdsa-sk"}) {
    key.hold({"ssh-keygen", "-q", "-t", type, "-N", "", "-C", "test", "-f", key.file(type)});
    sign_and_check(key, type, "none");
  }
}

BOOST_AUTO_TEST_CASE(a_resident_key_that_demands_the_pin_signs_and_is_downloaded) {
  const VirtualKey key("pin");
  key.hold({"fido2-token", "-S", hidraw}, "1234\n1234\n");
  key.hold(with_pin(key, "1234",
                    {"ssh-keygen", "-q", "-t", "ed25519-sk", "-O", "resident", "-O",
                     "verify-required", "-N", "", "-C", "test", "-f", key.file("rk")}));
  sign_and_check(key, "rk", "1234");
  const Ran wrong = key.run(with_pin(key, "0000",
                                     {"ssh-keygen", "-q", "-Y", "sign", "-f", key.file("rk"), "-n",
                                      "other", key.file("message")}));
  BOOST_TEST(wrong.exit_code != 0);
  key.hold(with_pin(key, "1234", {"sh", "-c", "cd '" + key.file("") + "' && ssh-keygen -K -N ''"}));
  const std::string made = succeed({"/usr/bin/cut", "-d", " ", "-f", "1-2", key.file("rk.pub")});
  const std::string downloaded =
      succeed({"/usr/bin/cut", "-d", " ", "-f", "1-2", key.file("id_ed25519_sk_rk.pub")});
  BOOST_TEST(made == downloaded);
}

BOOST_AUTO_TEST_SUITE_END()
