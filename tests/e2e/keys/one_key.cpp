// SPDX-License-Identifier: Apache-2.0
// One security key at the terminal and in an application: where the RP ID is the same, so is the
// credential.
#include <boost/test/unit_test.hpp>

#include "tests/e2e/support/key_house.h"

using namespace countersign;
using namespace countersign::test;

namespace {

const std::string origin = "http://localhost:8080";

// The terminal reaches the key through the reader; the application through its client (one_key.py),
// on the key's state file. A key is in one port at a time.
struct OneKey : KeyHouse {
  explicit OneKey(std::vector<std::string> key_options)
      : KeyHouse("[fido2]\nrp_id = \"localhost\"\norigins = [\"http://localhost\", \"" + origin +
                 "\"]\n"),
        options(std::move(key_options)) {
    for (const char* name : {"alice", "bob"}) add_user(daemon, name);
  }
  [[nodiscard]] SoftKey at_the_terminal() const { return plug("a", options); }

  // What the daemon said in the end; the client must have come so far.
  [[nodiscard]] Json in_the_application(const std::string& what, const Json& wanted,
                                        const std::string& pin = {},
                                        const std::string& from = origin) const {
    std::vector<std::string> words = {
        program("countersign-virtual"), "run", "--timeout", "40", "--state", keys() + "/a.state"};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(),
                 {"--", "/usr/bin/python3", "-B", COUNTERSIGN_E2E_FOLDER "/one_key.py"});
    words.insert(words.end(), {daemon.socket(), from, pin, what, boost::json::serialize(wanted)});
    const Ran ran = run(words, {}, 50);
    BOOST_TEST_REQUIRE(ran.exit_code == 0, ran.err);
    return object_in(ran.out);
  }

  std::vector<std::string> options;
};

const std::vector<std::string> no_pin = {"--profile", "no-pin"};

}  // namespace

BOOST_AUTO_TEST_SUITE(one_key)

BOOST_AUTO_TEST_CASE(enrolled_at_the_terminal_it_signs_in_to_an_application) {
  const OneKey house(no_pin);
  std::string id;
  {
    const SoftKey key = house.at_the_terminal();
    id = house.enroll("alice", {"--discoverable"});
  }
  const Json named = house.in_the_application("sign-in", {{"user", "alice"}});
  BOOST_TEST(text(named, "verdict") == "verified", boost::json::serialize(named));
  BOOST_TEST(text(named, "authenticator") == id);
  const Json passkey = house.in_the_application("sign-in", Json{});
  BOOST_TEST(text(passkey, "verdict") == "verified");
  BOOST_TEST(text(passkey, "user") == "alice");
  BOOST_TEST(text(house.in_the_application("sign-in", {{"user", "bob"}}), "reason") ==
             "no-factor");  // T26
  BOOST_TEST(
      text(house.in_the_application("sign-in", {{"user", "alice"}}, {}, "http://localhost:8081"),
           "reason") == "wrong-origin");  // T22
  const SoftKey key = house.at_the_terminal();
  BOOST_TEST(house.verdict("alice") == "verified");  // the counter has gone on meanwhile
}

BOOST_AUTO_TEST_CASE(registered_by_an_application_it_verifies_at_the_terminal) {
  const OneKey house(no_pin);
  const Json bound = house.in_the_application(
      "register", {{"user", "alice"}, {"discoverable", true}, {"attestation", "direct"}});
  BOOST_TEST(text(bound, "user") == "alice");
  const SoftKey key = house.at_the_terminal();
  const auto done = house.tap({"verify", "--tap", "--user", "alice"});
  BOOST_TEST(text(done.object, "verdict") == "verified", boost::json::serialize(done.object));
  BOOST_TEST(text(done.object, "authenticator") == text(bound, "id"));
  BOOST_TEST(text(house.tap({"verify", "--tap"}).object, "user") == "alice");
  BOOST_TEST(house.tap({"enroll", "fido2", "--user", "alice"}).exit_code == 6);  // there already
}

BOOST_AUTO_TEST_CASE(its_pin_counts_in_both_places) {
  const TemporaryFolder folder;
  write_file(folder / "pin", "1234\n");
  const OneKey house({"--profile", "pin", "--pin-file", folder / "pin"});
  {
    const SoftKey key = house.at_the_terminal();
    (void)house.enroll("alice", {"--uv", "required", "--pin-file", house.pin("1234")});
  }
  const Json done =
      house.in_the_application("sign-in", {{"user", "alice"}, {"uv", "required"}}, "1234");
  BOOST_TEST(text(done, "verdict") == "verified", boost::json::serialize(done));
  BOOST_TEST(done.at("aal").as_int64() == 2);
}

BOOST_AUTO_TEST_SUITE_END()
