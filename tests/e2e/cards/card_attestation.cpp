// SPDX-License-Identifier: Apache-2.0
// Keys that a card made, and keys that somebody put on it: which of them are certified when makers'
// roots are named.
#include <boost/test/unit_test.hpp>

#include <filesystem>

#include "tests/e2e/support/card_house.h"

using namespace countersign::test;

namespace {

using Place = SoftCard::Place;

// A card, and its maker's root, before the daemon is there.
struct Maker : OwnPcscd {
  TemporaryFolder desk;
  std::string keys = desk / "keys";
  std::string root = desk / "root.pem";

  Maker() {
    std::filesystem::create_directories(keys);
    write_file(root, insert().root());
    wait_for_card(first_reader, false);
  }
  [[nodiscard]] SoftCard insert() const { return SoftCard(Place::first_reader, keys, "blue"); }
  [[nodiscard]] std::string rules(const std::string& file, const std::string& rule) const {
    return "[piv]\nrevocation = \"off\"\nattestation = \"" + rule + "\"\nattestation_roots = [\"" +
           file + "\"]\n";
  }
};

struct Registry : KeyHouse {
  Registry(const std::string& rules, const std::string& keys) : KeyHouse(rules, keys) {
    add_user(daemon, "ada");
    write_file(folder / "new-pin", "246810\n");
    write_file(folder / "ca.pem",
               text(told(daemon, {"ca", "init", "--name", "Example cards"}), "certificate"));
  }
  [[nodiscard]] Done provision(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words{"device",         "provision",       "piv", "--user", "ada",
                                   "--new-pin-file", folder / "new-pin"};
    words.insert(words.end(), more.begin(), more.end());
    return tap(words);
  }
  [[nodiscard]] std::size_t enrolled() const {
    return told(daemon, {"authenticator", "list", "--user", "ada"})
        .at("authenticators")
        .as_array()
        .size();
  }
};

std::string said(const KeyHouse::Done& done) { return boost::json::serialize(done.object); }
bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(card_attestation)

BOOST_FIXTURE_TEST_CASE(a_key_that_the_card_made_is_certified, Maker) {
  const Registry office(rules(root, "required"), keys);
  const SoftCard card = insert();
  for (const char* const algorithm : {"P-256", "RSA-2048"}) {
    const auto done = office.provision(
        {"--algorithm", algorithm, "--pin-policy", "always", "--touch-policy", "never"});
    BOOST_REQUIRE_MESSAGE(done.exit_code == 0, said(done));
    BOOST_TEST(done.object.at("attested").as_bool());
  }
  BOOST_TEST(office.verdict("ada", {"--pin-file", office.pin("246810")}) == "verified");
  const std::string record = office.daemon.cli({"audit", "list", "--json"}).out;
  BOOST_TEST(has(record, R"("attested")"), record);
  // And when its certificate is renewed, over the key that is there.
  const Json listed = told(office.daemon, {"authenticator", "list", "--user", "ada"});
  const auto renewed =
      office.tap({"authenticator", "renew",
                  text(listed.at("authenticators").as_array().at(0).as_object(), "id"),
                  "--pin-file", office.pin("246810")});
  BOOST_TEST(renewed.exit_code == 0, said(renewed));
  BOOST_TEST(renewed.object.at("attested").as_bool());
}

BOOST_FIXTURE_TEST_CASE(another_maker_is_not_believed, Maker) {
  const Authority somebody(desk.path(), "other");
  {
    const Registry office(rules(somebody.certificate(), "required"), keys);
    const SoftCard card = insert();
    const auto refused = office.provision();
    BOOST_TEST(refused.exit_code == 5, said(refused));
    BOOST_TEST(has(said(refused), "does not chain to a trusted maker"), said(refused));
    BOOST_TEST(office.enrolled() == 0U);
    BOOST_TEST(has(tool({"/usr/bin/yubico-piv-tool", "--reader=Virtual PCD 00 00", "-a", "status"}),
                   "PIN tries left"));
    BOOST_TEST(
        !has(tool({"/usr/bin/yubico-piv-tool", "--reader=Virtual PCD 00 00", "-a", "status"}),
             "CN=ada"));
  }
  wait_for_card(first_reader, false);
  // Where that is only to be told, it is told.
  const Registry office(rules(somebody.certificate(), "told"), keys);
  const SoftCard card = insert();
  const auto done = office.provision();
  BOOST_REQUIRE_MESSAGE(done.exit_code == 0, said(done));
  BOOST_TEST(!done.object.at("attested").as_bool());
  BOOST_TEST(has(text(done.object, "not_attested"), "does not chain to a trusted maker"),
             said(done));
  BOOST_TEST(office.verdict("ada", {"--pin-file", office.pin("246810")}) == "verified");
}

// By yubico-piv-tool: the key was made by openssl, so that others may have it, too.
BOOST_FIXTURE_TEST_CASE(a_key_that_was_put_on_the_card_is_not_certified, Maker) {
  const Registry office(rules(root, "required"), keys);
  const SoftCard card = insert();
  const std::string key = desk / "key.pem", request = desk / "request.pem",
                    certificate = desk / "certificate.pem";
  tool({"openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
        key});
  tool({"/usr/bin/yubico-piv-tool", "--reader=Virtual PCD 00 00", "-a", "import-key", "-s", "9a",
        "-i", key});
  const Authority company(desk.path(), "company");
  tool({"openssl", "pkey", "-in", key, "-pubout", "-out", desk / "public.pem"});
  const auto done = office.provision(
      {"--certificate", company.issue(desk / "public.pem", {.subject = "/CN=ada"})});
  BOOST_TEST(done.exit_code == 5, said(done));
  BOOST_TEST(has(said(done), "the card does not say that it made this key"), said(done));
  BOOST_TEST(office.enrolled() == 0U);
}

BOOST_AUTO_TEST_CASE(required_without_roots_is_no_configuration) {
  const TemporaryFolder folder;
  write_file(folder / "countersign.toml", "[piv]\nattestation = \"required\"\n");
  const Ran ran = run({program("countersign"), "config", "check", folder / "countersign.toml"});
  BOOST_TEST(ran.exit_code != 0);
  BOOST_TEST(has(ran.out + ran.err, "attestation_roots"), ran.out + ran.err);
}

BOOST_AUTO_TEST_SUITE_END()
