// SPDX-License-Identifier: Apache-2.0
// libfido2's own programs on the virtual key: fido2-token, fido2-cred, fido2-assert of Debian's
// fido2-tools.
#include <algorithm>

#include "tests/e2e/support/virtual_key.h"

using namespace countersign::test;

namespace {

const std::string hash =
    "Y291bnRlcnNpZ24gdmlydHVhbCBrZXkgdGVzdCAgISE=\n";  // 32 octets in base64: a client data hash
const std::string salt = "c2FsdCBzYWx0IHNhbHQgc2FsdCBzYWx0IHNhbHQgISE=\n";  // 32 octets as well
const std::string wanted = hash + "example.org\nalice\nYWxpY2U=\n";

struct Made {
  std::string id;   // base64, with line end
  std::string pem;  // file
};

// Judges a credential as libfido2 does, attestation signature included, and takes it apart.
Made judge(const VirtualKey& key, const std::string& credential, const std::string& type,
           std::vector<std::string> flags = {}) {
  std::vector<std::string> words{"/usr/bin/fido2-cred", "-V"};
  words.insert(words.end(), flags.begin(), flags.end());
  words.push_back(type);
  const std::string out = succeed(words, credential);
  Made made{lines_of(out, 0, 1), key.file(type + ".pem")};
  write_text(made.pem, lines_of(out, 1, 1000));
  return made;
}

Made make(const VirtualKey& key, const std::string& type, std::vector<std::string> flags = {},
          const std::string& pin = {}) {
  std::vector<std::string> words{"/usr/bin/fido2-cred", "-M"};
  words.insert(words.end(), flags.begin(), flags.end());
  const std::string request = key.file("request");
  write_text(request, wanted);
  words.insert(words.end(), {"-i", request, hidraw, type});
  std::vector<std::string> judged;
  for (const std::string& flag : flags)
    if (flag == "-h" || flag == "-v") judged.push_back(flag);
  if (const auto protection = std::ranges::find(flags, "-c"); protection != flags.end())
    judged.insert(judged.end(), {"-c", *std::next(protection)});
  return judge(key, key.hold(words, pin), type, judged);
}

// Assertion with these flags, judged with the credential's public key.
std::string assert_and_judge(const VirtualKey& key, const Made& made, const std::string& type,
                             std::vector<std::string> flags = {}, const std::string& pin = {}) {
  const std::string request = key.file("request");
  const bool resident = std::ranges::find(flags, "-r") != flags.end();
  const bool hmac = std::ranges::find(flags, "-h") != flags.end();
  write_text(request, hash + "example.org\n" + (resident ? "" : made.id) + (hmac ? salt : ""));
  std::vector<std::string> words{"/usr/bin/fido2-assert", "-G"};
  words.insert(words.end(), flags.begin(), flags.end());
  words.insert(words.end(), {"-i", request, hidraw});
  const std::string out = key.hold(words, pin);
  std::vector<std::string> judged{"/usr/bin/fido2-assert", "-V"};
  for (const std::string& flag : flags)
    if (flag == "-h" || flag == "-v" || flag == "-p") judged.push_back(flag);
  judged.insert(judged.end(), {made.pem, type});
  succeed(judged, out);
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(virtual_key_fido2_tools)

BOOST_AUTO_TEST_CASE(list_and_info) {
  const VirtualKey key("full");
  BOOST_TEST(key.hold({"fido2-token", "-L"}) ==
             "/dev/hidraw0: vendor=0x1209, product=0x0001 (Countersign Countersign virtual key)\n");
  const std::string info = key.hold({"fido2-token", "-I", hidraw});
  BOOST_TEST(contains(info, "version strings: U2F_V2, FIDO_2_0, FIDO_2_1\n"));
  BOOST_TEST(contains(info, "aaguid: 636f756e7465727369676e2d76697274\n"));
  BOOST_TEST(contains(info, "pin protocols: 2, 1\n"));
  BOOST_TEST(contains(info, "pin retries: 8\n"));
}

BOOST_AUTO_TEST_CASE(every_algorithm_made_and_asserted) {
  const VirtualKey key("full");
  for (const std::string type : {"es256", "eddsa", "rs256"}) {
    const Made made = make(key, type);
    assert_and_judge(key, made, type, {"-p"});
  }
}

BOOST_AUTO_TEST_CASE(an_algorithm_that_the_profile_has_not) {
  const VirtualKey key("pin");
  const Ran ran = key.run({"fido2-cred", "-M", hidraw, "rs256"}, wanted);
  BOOST_TEST(ran.exit_code == 1);
  BOOST_TEST(contains(ran.err, "FIDO_ERR_UNSUPPORTED_ALGORITHM"), ran.err);
}

BOOST_AUTO_TEST_CASE(a_pin_set_changed_and_used) {
  const VirtualKey key("pin");
  key.hold({"fido2-token", "-S", hidraw}, "1234\n1234\n");
  BOOST_TEST(contains(key.hold({"fido2-token", "-I", hidraw}), "clientPin"));
  BOOST_TEST(key.run({"fido2-token", "-S", hidraw}, "1111\n1111\n").exit_code ==
             1);  // it is set already
  key.hold({"fido2-token", "-C", hidraw}, "1234\n654321\n654321\n");
  const Made made = make(key, "es256", {"-v"}, "654321\n");
  assert_and_judge(key, made, "es256", {"-v", "-p"}, "654321\n");
  const Ran old =
      key.run({"fido2-assert", "-G", "-v", "-i", key.file("request"), hidraw}, "1234\n");
  BOOST_TEST(contains(old.err, "FIDO_ERR_PIN_INVALID"), old.err);
  BOOST_TEST(contains(key.hold({"fido2-token", "-I", hidraw}), "pin retries: 7\n"));
}

BOOST_AUTO_TEST_CASE(eight_wrong_pins_block_it_three_for_each_time_it_is_plugged_in) {
  const VirtualKey key("pin");
  key.hold({"fido2-token", "-S", hidraw}, "1234\n1234\n");
  // Three programs, one key plugged in throughout.
  const std::string three = "for i in 1 2 3 4; do echo 0000 | fido2-token -L -r /dev/hidraw0; done";
  const Ran ran = key.run({"sh", "-c", three});
  BOOST_TEST(contains(ran.err, "FIDO_ERR_PIN_AUTH_BLOCKED"), ran.err);
  BOOST_TEST(contains(key.hold({"fido2-token", "-I", hidraw}),
                      "pin retries: 5\n"));  // the fourth cost none
  (void)key.run({"sh", "-c", three});
  (void)key.run({"sh", "-c", three});
  BOOST_TEST(contains(key.hold({"fido2-token", "-I", hidraw}), "pin retries: 0\n"));
  BOOST_TEST(
      contains(key.run({"fido2-token", "-L", "-r", hidraw}, "1234\n").err, "FIDO_ERR_PIN_BLOCKED"));
  key.hold({"fido2-token", "-R", hidraw});
  BOOST_TEST(contains(key.hold({"fido2-token", "-I", hidraw}), "pin retries: 8\n"));
}

BOOST_AUTO_TEST_CASE(a_program_that_leads_its_session_does_not_get_the_key_as_its_terminal) {
  const VirtualKey key("pin");
  key.hold({"setsid", "--wait", "fido2-token", "-S", hidraw},
           "1234\n1234\n");  // else the PIN would be read from the key
  const Ran ran = key.run(
      {"setsid", "--wait", "sh", "-c",
       "exec 3<>/dev/hidraw0 || exit 2; if { true </dev/tty; } 2>/dev/null; then exit 1; fi"});
  BOOST_TEST(ran.exit_code == 0, ran.err);
}

BOOST_AUTO_TEST_CASE(a_pin_that_is_too_short) {
  const VirtualKey key("pin");
  const Ran ran = key.run({"fido2-token", "-S", hidraw}, "123\n123\n");
  BOOST_TEST(ran.exit_code == 1);
  BOOST_TEST(contains(key.hold({"fido2-token", "-I", hidraw}), "noclientPin"));
}

BOOST_AUTO_TEST_CASE(discoverable_credentials_listed_asserted_deleted) {
  const VirtualKey key("pin");
  key.hold({"fido2-token", "-S", hidraw}, "1234\n1234\n");
  const Made made = make(key, "es256", {"-r"}, "1234\n");
  assert_and_judge(key, made, "es256", {"-r", "-v", "-p"}, "1234\n");
  BOOST_TEST(contains(key.hold({"fido2-token", "-L", "-r", hidraw}, "1234\n"), "example.org\n"));
  const std::string listed = key.hold({"fido2-token", "-L", "-k", "example.org", hidraw}, "1234\n");
  const std::string id = made.id.substr(0, made.id.size() - 1);
  BOOST_TEST(contains(listed, id), listed);
  BOOST_TEST(
      contains(key.hold({"fido2-token", "-I", "-c", hidraw}, "1234\n"), "existing rk(s): 1\n"));
  key.hold({"fido2-token", "-D", "-i", id, hidraw}, "1234\n");
  BOOST_TEST(
      contains(key.hold({"fido2-token", "-I", "-c", hidraw}, "1234\n"), "existing rk(s): 0\n"));
}

BOOST_AUTO_TEST_CASE(reset_forgets_everything) {
  const VirtualKey key("pin");
  key.hold({"fido2-token", "-S", hidraw}, "1234\n1234\n");
  const Made made = make(key, "es256", {"-r"}, "1234\n");
  key.hold({"fido2-token", "-R", hidraw});
  const std::string info = key.hold({"fido2-token", "-I", hidraw});
  BOOST_TEST(contains(info, "noclientPin"));
  write_text(key.file("request"), hash + "example.org\n" + made.id);
  const Ran ran = key.run({"fido2-assert", "-G", "-i", key.file("request"), hidraw});
  BOOST_TEST(contains(ran.err, "FIDO_ERR_NO_CREDENTIALS"), ran.err);
}

BOOST_AUTO_TEST_CASE(hmac_secret_is_the_same_each_time_and_another_for_another_salt) {
  const VirtualKey key("no-pin");
  const Made made = make(key, "es256", {"-h"});
  const std::string first = assert_and_judge(key, made, "es256", {"-h", "-p"});
  const std::string again = assert_and_judge(key, made, "es256", {"-h", "-p"});
  const std::string secret = lines_of(first, 4, 1);
  BOOST_TEST(secret.size() == 45);  // 32 octets
  BOOST_TEST(lines_of(again, 4, 1) == secret);
  write_text(key.file("request"), hash + "example.org\n" + made.id + hash);
  const std::string other =
      key.hold({"fido2-assert", "-G", "-h", "-i", key.file("request"), hidraw});
  BOOST_TEST(lines_of(other, 4, 1).size() == 45);
  BOOST_TEST(lines_of(other, 4, 1) != secret);
}

BOOST_AUTO_TEST_CASE(cred_protect) {
  const VirtualKey key("pin");
  key.hold({"fido2-token", "-S", hidraw}, "1234\n1234\n");
  const Made made = make(key, "es256", {"-r", "-c", "3"}, "1234\n");
  BOOST_TEST(
      contains(key.hold({"fido2-token", "-L", "-k", "example.org", hidraw}, "1234\n"), " uvreq"));
  write_text(key.file("request"), hash + "example.org\n" + made.id);
  const Ran unverified = key.run({"fido2-assert", "-G", "-i", key.file("request"), hidraw});
  BOOST_TEST(contains(unverified.err, "FIDO_ERR_NO_CREDENTIALS"), unverified.err);
  assert_and_judge(key, made, "es256", {"-v", "-p"}, "1234\n");
}

BOOST_AUTO_TEST_CASE(built_in_verification) {
  const VirtualKey key("uv");
  const Made made = make(key, "es256", {"-r", "-v"});
  write_text(key.file("request"), hash + "example.org\n" + made.id);
  const Ran wrong =
      key.run({"fido2-assert", "-G", "-t", "uv=true", "-i", key.file("request"), hidraw}, {},
              {"--uv-result", "fail"});
  BOOST_TEST(contains(wrong.err, "FIDO_ERR_UV_INVALID"), wrong.err);
  BOOST_TEST(contains(key.hold({"fido2-token", "-I", hidraw}), "uv retries: 4\n"));
  const std::string out =
      key.hold({"fido2-assert", "-G", "-t", "uv=true", "-i", key.file("request"), hidraw});
  succeed({"/usr/bin/fido2-assert", "-V", "-v", "-p", made.pem, "es256"}, out);
}

BOOST_AUTO_TEST_CASE(fingerprints_are_enrolled_and_deleted) {
  const VirtualKey key("full");
  key.hold({"fido2-token", "-S", hidraw}, "1234\n1234\n");
  key.hold({"fido2-token", "-S", "-e", hidraw}, "1234\n");
  const std::string listed = key.hold({"fido2-token", "-L", "-e", hidraw}, "1234\n");
  BOOST_TEST(contains(listed, "01: "), listed);
}

BOOST_AUTO_TEST_CASE(u2f_alone) {
  const VirtualKey key("u2f");
  const std::string info = key.hold({"fido2-token", "-I", hidraw});
  BOOST_TEST(contains(info, "caps: 0x01 (wink, nocbor, msg)"), info);
  const Made made = make(key, "es256", {"-u"});
  assert_and_judge(key, made, "es256", {"-u", "-p"});
  write_text(key.file("request"), hash + "another.example\n" + made.id);
  BOOST_TEST(key.run({"fido2-assert", "-G", "-u", "-i", key.file("request"), hidraw}).exit_code ==
             1);
}

BOOST_AUTO_TEST_CASE(u2f_with_a_touch_that_takes_its_time) {
  const VirtualKey key("u2f", {"--touch-delay", "700"});
  const Made made = make(key, "es256", {"-u"});
  assert_and_judge(key, made, "es256", {"-u", "-p"});
}

BOOST_AUTO_TEST_CASE(the_attestation_leads_to_the_root_of_the_state) {
  const VirtualKey key("pin");
  const std::string credential = key.hold({"fido2-cred", "-M", hidraw, "es256"}, wanted);
  const std::string leaf =
      lines_of(credential, 6, 1);  // hash, rp, format, authenticator data, id, signature, x5c
  write_text(key.file("leaf.pem"), "-----BEGIN CERTIFICATE-----\n" +
                                       succeed({"/usr/bin/fold", "-w", "64"}, leaf) +
                                       "-----END CERTIFICATE-----\n");
  write_text(key.file("root.pem"),
             succeed({program("countersign-virtual"), "root", "--state", key.state()}));
  const std::string verified = succeed({"/usr/bin/openssl", "verify", "-x509_strict", "-CAfile",
                                        key.file("root.pem"), key.file("leaf.pem")});
  BOOST_TEST(contains(verified, ": OK"), verified);
  const std::string text = succeed(
      {"/usr/bin/openssl", "x509", "-in", key.file("leaf.pem"), "-noout", "-subject", "-text"});
  BOOST_TEST(contains(text, "OU = Authenticator Attestation"), text);
  BOOST_TEST(contains(text, "1.3.6.1.4.1.45724.1.1.4"), text);
}

BOOST_AUTO_TEST_SUITE_END()
