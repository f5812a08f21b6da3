// SPDX-License-Identifier: Apache-2.0
// Certificates of cards over their life: by the organisation's own authority, in one command or by
// a request over two, and again before they end.
#include <boost/test/unit_test.hpp>

#include "tests/e2e/support/card_house.h"

using namespace countersign::test;

namespace {

using Place = SoftCard::Place;

constexpr int day = 24 * 3600;

struct Organisation {
  TemporaryFolder office;
  Authority authority{office.path(), "ca"};
};

struct Company : Organisation, KeyHouse {
  explicit Company(const std::string& more = {})
      : KeyHouse("[piv]\nanchors = [\"" + authority.certificate() + "\"]\nrevocation = \"off\"\n" +
                 more) {
    (void)told(daemon, {"user", "add", "ada"});
    write_file(folder / "new-pin", "246810\n");
  }
  [[nodiscard]] Done provision(std::vector<std::string> more) const {
    std::vector<std::string> words{"device",         "provision",       "piv", "--user", "ada",
                                   "--new-pin-file", folder / "new-pin"};
    words.insert(words.end(), more.begin(), more.end());
    return tap(words);
  }
  [[nodiscard]] Done renew(const std::string& id, std::vector<std::string> more) const {
    std::vector<std::string> words{"authenticator", "renew", id, "--pin-file", pin("246810")};
    words.insert(words.end(), more.begin(), more.end());
    return tap(words);
  }
  // What an authority does with a request, by openssl.
  [[nodiscard]] std::string sign(const std::string& request, const std::string& days = "60") const {
    const std::string certificate = request + ".pem";
    tool({"openssl", "req", "-in", request, "-noout", "-verify"});
    write_file(folder / "extensions",
               "keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\nsubjectAltName="
               "email:ada@example.org\n");
    tool({"openssl", "x509", "-req", "-in", request, "-CA", authority.certificate(), "-CAkey",
          office / "ca.key", "-days", days, "-extfile", folder / "extensions", "-out",
          certificate});
    return certificate;
  }
  [[nodiscard]] std::string entry() const { return verdict("ada", {"--pin-file", pin("246810")}); }
  [[nodiscard]] std::size_t expiring(const std::string& within) const {
    return told(daemon, {"authenticator", "list", "--expiring", within})
        .at("authenticators")
        .as_array()
        .size();
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(card_renewal)

BOOST_FIXTURE_TEST_CASE(an_authority_in_a_folder_certifies_in_one_command, Company) {
  const SoftCard card(Place::socket, keys(), "blue");
  const Done done = provision({"--ca", office.path(), "--days", "20"});
  BOOST_REQUIRE_MESSAGE(done.exit_code == 0, boost::json::serialize(done.object));
  write_file(folder / "certificate.pem", text(done.object, "certificate"));
  tool({"openssl", "verify", "-CAfile", authority.certificate(), folder / "certificate.pem"});
  BOOST_TEST(entry() == "verified");
  // Its key is nowhere in the store.
  BOOST_TEST(content_of(database()).find(content_of(office / "ca.key").substr(30, 60)) ==
             std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_request_goes_out_and_a_certificate_comes_in_over_two_commands, Company) {
  const SoftCard card(Place::socket, keys(), "blue");
  const Done asked = provision({"--csr", folder / "request.pem", "--algorithm", "RSA-2048"});
  BOOST_REQUIRE_MESSAGE(asked.exit_code == 0, boost::json::serialize(asked.object));
  BOOST_TEST(!asked.object.contains("authenticator"));
  BOOST_TEST(asked.object.at("pin_set").as_bool());
  BOOST_TEST(entry() != "verified");
  // It is not written over, and nothing is done then.
  BOOST_TEST(provision({"--csr", folder / "request.pem"}).exit_code == 2);
  // A certificate for another key is not put on the card.
  tool({"openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "other.key",
        "-subj", "/CN=ada", "-out", folder / "other-request.pem"});
  const Done wrong = provision({"--certificate", sign(folder / "other-request.pem")});
  BOOST_TEST(wrong.exit_code == 2);
  BOOST_TEST(boost::json::serialize(wrong.object).find("another key") != std::string::npos,
             boost::json::serialize(wrong.object));
  BOOST_TEST(entry() != "verified");

  const Done done = provision({"--certificate", sign(folder / "request.pem")});
  BOOST_REQUIRE_MESSAGE(done.exit_code == 0, boost::json::serialize(done.object));
  BOOST_TEST(!done.object.at("pin_set").as_bool());
  BOOST_TEST(entry() == "verified");
}

BOOST_FIXTURE_TEST_CASE(a_certificate_is_renewed_in_place_before_it_ends, Company) {
  (void)told(daemon, {"ca", "init", "--name", "Example cards"});
  const SoftCard card(Place::socket, keys(), "blue");
  const Done done = provision({"--days", "20"});
  BOOST_REQUIRE_MESSAGE(done.exit_code == 0, boost::json::serialize(done.object));
  const std::string id = text(done.object, "authenticator");
  BOOST_TEST(expiring("30d") == 1U);
  BOOST_TEST(expiring("10") == 0U);
  advance(daemon, 15 * day);
  BOOST_TEST(expiring("10d") == 1U);
  // Same key, same authenticator, another end.
  const Done renewed = renew(id, {"--days", "100"});
  BOOST_REQUIRE_MESSAGE(renewed.exit_code == 0, boost::json::serialize(renewed.object));
  BOOST_TEST(text(renewed.object, "authenticator") == id);
  write_file(folder / "before.pem", text(done.object, "certificate"));
  write_file(folder / "after.pem", text(renewed.object, "certificate"));
  BOOST_TEST(tool({"openssl", "x509", "-in", folder / "before.pem", "-noout", "-pubkey"}) ==
             tool({"openssl", "x509", "-in", folder / "after.pem", "-noout", "-pubkey"}));
  BOOST_TEST(expiring("30d") == 0U);
  advance(daemon, 15 * day);  // the one before has ended
  BOOST_TEST(entry() == "verified");
  // Another key, where that is asked for.
  const Done fresh = renew(id, {"--new-key", "--algorithm", "P-384"});
  BOOST_REQUIRE_MESSAGE(fresh.exit_code == 0, boost::json::serialize(fresh.object));
  BOOST_TEST(text(fresh.object, "authenticator") == id);
  BOOST_TEST(text(fresh.object, "algorithm") == "P-384");
  BOOST_TEST(entry() == "verified");
  BOOST_TEST(daemon.cli({"audit", "list"}).out.find("authenticator.renew") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_renewal_by_request_leaves_the_card_usable_meanwhile, Company) {
  const SoftCard card(Place::socket, keys(), "blue");
  const Done done = provision({"--ca", office.path(), "--days", "20"});
  const std::string id = text(done.object, "authenticator");
  BOOST_REQUIRE(renew(id, {"--csr", folder / "request.pem"}).exit_code == 0);
  BOOST_TEST(entry() == "verified");
  const Done renewed = renew(id, {"--certificate", sign(folder / "request.pem", "400")});
  BOOST_REQUIRE_MESSAGE(renewed.exit_code == 0, boost::json::serialize(renewed.object));
  BOOST_TEST(text(renewed.object, "authenticator") == id);
  BOOST_TEST(expiring("365d") == 0U);
  BOOST_TEST(entry() == "verified");
  // A new key over two commands would leave its user without any.
  BOOST_TEST(renew(id, {"--new-key", "--csr", folder / "second.pem"}).exit_code == 2);
}

// The factory's secrets go at that, and the user with them signs in as before.
BOOST_AUTO_TEST_CASE(a_card_that_others_provisioned_is_renewed_here) {
  const CardHouse house;
  house.make_card("blue");
  const SoftCard card(Place::socket, house.keys(), "blue");
  const std::string id = house.enroll_card("alice");
  (void)told(house.daemon, {"ca", "init", "--name", "Example cards"});
  const auto renewed =
      house.tap({"authenticator", "renew", id, "--new-pin-file", house.pin("246810")});
  BOOST_REQUIRE_MESSAGE(renewed.exit_code == 0, boost::json::serialize(renewed.object));
  BOOST_TEST(text(renewed.object, "authenticator") == id);
  for (const char* const replaced : {"pin_set", "puk_set", "management_key_set"})
    BOOST_TEST(renewed.object.at(replaced).as_bool(), replaced);
  BOOST_TEST(house.reason(house.verify("alice", "246810")) == "verified");
  // An authenticator of another kind has no certificate to renew.
  const Phone phone = enroll_totp(house.daemon, "bob");
  BOOST_TEST(house.tap({"authenticator", "renew", phone.id}).exit_code == 2);
}

// A list that can't be relied on ends the start.
BOOST_AUTO_TEST_CASE(T43_a_list_of_holders_is_whole_or_the_daemon_does_not_start) {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& lines, const std::string& list) {
    write_file(folder / "holders.csv", list);
    write_file(folder / "config.toml", "[piv]\n" + lines);
    return daemon_refuses(folder / "state", folder / "socket", {"--config", folder / "config.toml"})
        .err;
  };
  const std::string by_uuid = "identity = \"card-uuid\"\n",
                    file = "holders = \"" + folder / "holders.csv" + "\"\n";
  BOOST_TEST(refused(by_uuid, "").find("holders") != std::string::npos);
  BOOST_TEST(refused(file, "").find("holders") != std::string::npos);
  BOOST_TEST(refused(by_uuid + file, "one\n").find("line 1: must be NUMBER,USER") !=
             std::string::npos);
  BOOST_TEST(
      refused(by_uuid + file, "AB-1,ada\nab-1,bob\n").find("line 2: this number is there twice") !=
      std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(only_the_card_that_is_meant_is_renewed, Company) {
  (void)told(daemon, {"ca", "init", "--name", "Example cards"});
  std::string id;
  {
    const SoftCard card(Place::socket, keys(), "blue");
    id = text(provision({}).object, "authenticator");
  }
  const SoftCard other(Place::socket, keys(), "red");
  BOOST_TEST(renew(id, {"--timeout", "5"}).exit_code == 6);
}

BOOST_FIXTURE_TEST_CASE(an_ended_certificate_signs_nobody_in_until_it_is_renewed, Company) {
  (void)told(daemon, {"ca", "init", "--name", "Example cards"});
  const SoftCard card(Place::socket, keys(), "blue");
  const Done done = provision({"--days", "2"});
  advance(daemon, 3 * day);
  BOOST_TEST(entry() == "certificate-expired");
  BOOST_TEST(expiring("0") == 1U);
  BOOST_REQUIRE(renew(text(done.object, "authenticator"), {}).exit_code == 0);
  BOOST_TEST(entry() == "verified");
}

BOOST_AUTO_TEST_SUITE_END()
