// SPDX-License-Identifier: Apache-2.0
// Smartcards from the reader to the verdict: CLI, daemon, reader, PCSC-lite and pcscd, APDUs of a
// virtual card; cards that nobody here provisioned.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <thread>

#include "tests/e2e/support/card_house.h"
#include "tests/e2e/support/processes.h"

using namespace countersign::test;
using namespace std::chrono_literals;

namespace {

using Place = SoftCard::Place;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cards)

BOOST_AUTO_TEST_CASE(a_card_of_yubico_piv_tool_and_an_openssl_ca_signs_in) {
  const CardHouse house;
  house.make_card("blue");
  const SoftCard card = house.insert(Place::first_reader, "blue");
  const std::string id = house.enroll_card("alice", {"--label", "badge"});
  const auto done = house.verify("alice", "123456", {"--service", "login"});
  BOOST_TEST(done.exit_code == 0);
  BOOST_TEST(house.reason(done) == "verified");
  BOOST_TEST(text(done.object, "authenticator") == id);
  BOOST_TEST(text(done.object, "kind") == "piv");
  BOOST_TEST(done.object.at("aal").as_int64() == 2);
  BOOST_TEST(told(done, "pin"));
  const auto alone = house.verify("");  // who it is, the card says
  BOOST_TEST(text(alone.object, "user") == "alice");
  BOOST_TEST(house.reason(house.verify("bob")) == "no-factor");
  BOOST_TEST(
      house.tap({"enroll", "piv", "--user", "bob", "--pin-file", house.pin("123456")}).exit_code ==
      6);  // the key is bound already
}

BOOST_AUTO_TEST_CASE(every_kind_of_key_signs_in_over_pcscd_and_on_the_socket) {
  const CardHouse house;
  for (const char* const algorithm : {"RSA2048", "ECCP384"}) {
    house.make_card(algorithm, algorithm);
    for (const Place place : {Place::first_reader, Place::socket}) {
      const SoftCard card = house.insert(place, algorithm);
      (void)house.enroll_card("alice");
      BOOST_TEST(house.reason(house.verify("alice")) == "verified", algorithm);
      (void)told(house.daemon, {"user", "reset", "alice"});
    }
    wait_for_card(OwnPcscd::first_reader, false);
  }
}

BOOST_AUTO_TEST_CASE(readers_and_cards_are_listed_and_described) {
  const CardHouse house;
  const auto empty = house.devices();
  BOOST_TEST(empty.size() == 2U);
  BOOST_TEST(text(empty.at(0), "trouble") == "no-card");
  house.make_card("blue");
  const SoftCard card = house.insert(Place::second_reader, "blue");
  const auto listed = [&] {
    const auto all = house.devices();
    return std::ranges::any_of(all, [](const Json& each) {
      return text(each, "id").starts_with("card-virtual-pcd-00-01-");
    });
  };
  BOOST_TEST(becomes_true(listed, 5'000));
  const Json info = told(house.daemon, {"device", "info"});
  const Json applet = info.at("card").as_object().at("applets").as_array().at(0).as_object();
  BOOST_TEST(text(applet, "kind") == "piv");
  BOOST_TEST(applet.at("pin_retries").as_int64() == 3);
  const Json slot = applet.at("slots").as_array().at(0).as_object();
  BOOST_TEST(text(slot, "slot") == "9a");
  BOOST_TEST(text(slot, "algorithm") == "P-256");
  BOOST_TEST(text(slot, "subject") == "CN=alice");
}

BOOST_AUTO_TEST_CASE(a_wrong_pin_is_sent_once_and_what_is_left_is_told) {
  const CardHouse house;
  house.make_card("blue");
  const SoftCard card = house.insert(Place::socket, "blue");
  (void)house.enroll_card("alice");
  const auto wrong = house.verify("alice", "999999");
  BOOST_TEST(wrong.exit_code != 0);
  BOOST_TEST(house.pin_retries() == 2);
  const auto right = house.verify("alice");
  BOOST_TEST(house.reason(right) == "verified");
  BOOST_TEST(house.pin_retries() == 3);
}

BOOST_AUTO_TEST_CASE(T17_a_pin_that_no_card_takes_spends_no_try) {
  const CardHouse house;
  house.make_card("blue");
  const SoftCard card = house.insert(Place::socket, "blue");
  (void)house.enroll_card("alice");
  for (const std::string& bad :
       {std::string("1234"), std::string("123456789"), std::string(60, '1')}) {
    BOOST_TEST(house.verify("alice", bad).exit_code != 0, bad.size());
    BOOST_TEST(house.pin_retries() == 3, bad.size());
  }
}

BOOST_AUTO_TEST_CASE(a_blocked_pin_says_so_and_the_puk_opens_it) {
  const CardHouse house;
  house.make_card("blue");
  const SoftCard card = house.insert(Place::socket, "blue");
  (void)house.enroll_card("alice");
  for (int i = 0; i < 2; ++i) (void)house.verify("alice", "999999");
  // A file does not spend the last one by itself; nothing was sent.
  const auto kept = house.verify("alice", "999999");
  BOOST_TEST(kept.exit_code == 5);
  BOOST_TEST(text(kept.object, "error").find("--last-try") != std::string::npos);
  BOOST_TEST(house.pin_retries() == 1);
  (void)house.verify("alice", "999999", {"--last-try"});
  BOOST_TEST(house.reason(house.verify("alice")) == "card-pin-blocked");
  BOOST_TEST(house
                 .tap({"device", "pin", "unblock", "--pin-file", house.pin("12345678"),
                       "--new-pin-file", house.pin("654321")})
                 .exit_code == 0);
  BOOST_TEST(house.reason(house.verify("alice", "654321")) == "verified");
  BOOST_TEST(house
                 .tap({"device", "pin", "change", "--pin-file", house.pin("654321"),
                       "--new-pin-file", house.pin("123456")})
                 .exit_code == 0);
  BOOST_TEST(house.reason(house.verify("alice")) == "verified");
  BOOST_TEST(house
                 .tap({"device", "pin", "change-puk", "--pin-file", house.pin("12345678"),
                       "--new-pin-file", house.pin("87654321")})
                 .exit_code == 0);
  BOOST_TEST(house.tap({"device", "reset", "--yes"}).exit_code == 0);
  BOOST_TEST(house.reason(house.verify("alice", "123456", {"--timeout", "2"})) != "verified");
}

BOOST_AUTO_TEST_CASE(the_card_of_card_authentication_is_possession_only) {
  const CardHouse house;
  {
    const SoftCard card = house.insert(Place::first_reader, "door");
    house.provision("9e");
  }
  const SoftCard card = house.insert(Place::socket, "door");
  (void)house.enroll_card("alice", {"--slot", "9e"});
  const auto done = house.verify("alice");
  BOOST_TEST(house.reason(done) == "verified");
  BOOST_TEST(!told(done, "pin"));
  BOOST_TEST(done.object.at("aal").as_int64() == 1);
  BOOST_TEST(house.reason(house.verify("alice", "123456",
                                       {"--uv", "required", "--timeout", "3"})) != "verified");
}

BOOST_AUTO_TEST_CASE(
    whoever_it_is_a_strangers_card_is_not_asked_for_its_pin_and_the_enrolled_key_of_several_is_found) {
  const CardHouse house;
  {
    const SoftCard card = house.insert(Place::first_reader, "both");
    house.provision("9a");
    house.provision("9e");
  }
  wait_for_card(OwnPcscd::first_reader, false);
  const SoftCard card = house.insert(Place::socket, "both");
  const auto stranger = house.verify("", "123456", {"--timeout", "3"});
  BOOST_TEST(house.reason(stranger) == "timed-out");
  BOOST_TEST(told(stranger, "wrong-key"));
  BOOST_TEST(!told(stranger, "pin"));
  (void)house.enroll_card("bob", {"--slot", "9e"});
  const auto done = house.verify("");
  BOOST_TEST(house.reason(done) == "verified");
  BOOST_TEST(text(done.object, "user") == "bob");
}

BOOST_AUTO_TEST_CASE(a_bad_certificate_is_refused_with_its_own_reason) {
  const CardHouse house;
  const Authority stranger(house.office.path(), "stranger");
  struct Bad {
    std::string reason;
    Authority::Wanted wanted;
    const Authority* by = nullptr;
  };
  const std::vector<Bad> all = {{"unknown-ca", {}, &stranger},
                                {"certificate-usage", {.usage = "codeSigning", .names = {}}},
                                {"certificate-expired", {.names = {}, .more = {"-days", "-1"}}}};
  for (const Bad& each : all) {
    {
      const SoftCard card = house.insert(Place::first_reader, each.reason);
      house.provision("9a", "ECCP256", each.wanted, each.by);
    }
    const SoftCard card = house.insert(Place::socket, each.reason);
    const auto done =
        house.tap({"enroll", "piv", "--user", "alice", "--pin-file", house.pin("123456")});
    BOOST_TEST(done.exit_code == 2, each.reason);
    BOOST_TEST(has(text(done.object, "error"), each.reason), boost::json::serialize(done.object));
    wait_for_card(OwnPcscd::first_reader, false);
  }
}

BOOST_AUTO_TEST_CASE(a_certificate_that_runs_out_after_its_enrolment_is_denied) {
  const CardHouse house;
  house.make_card("blue");
  const SoftCard card = house.insert(Place::socket, "blue");
  (void)house.enroll_card("alice");
  advance(house.daemon, 11 * 86'400);
  BOOST_TEST(house.reason(house.verify("alice")) == "certificate-expired");
}

BOOST_AUTO_TEST_CASE(with_two_readers_the_enrolled_card_is_found) {
  const CardHouse house;
  house.make_card("blue");
  house.make_card("red");
  {
    const SoftCard blue = house.insert(Place::first_reader, "blue");
    (void)house.enroll_card("alice");
  }
  wait_for_card(OwnPcscd::first_reader, false);
  const SoftCard red = house.insert(Place::first_reader, "red");
  const SoftCard blue = house.insert(Place::second_reader, "blue");
  BOOST_TEST(house.reason(house.verify("alice")) == "verified");
  const auto both = house.tap(
      {"enroll", "piv", "--user", "bob", "--pin-file", house.pin("123456"), "--timeout", "2"});
  BOOST_TEST(both.exit_code != 0);
  BOOST_TEST(told(both, "one-card"));
}

BOOST_AUTO_TEST_CASE(a_card_put_in_later_is_taken_and_pcscd_may_have_been_restarted_meanwhile) {
  CardHouse house;
  house.make_card("blue");
  {
    const SoftCard card = house.insert(Place::first_reader, "blue");
    (void)house.enroll_card("alice");
  }
  wait_for_card(OwnPcscd::first_reader, false);
  Running waiting({program("countersign"), "--socket", house.daemon.socket(), "verify", "--tap",
                   "--user", "alice", "--timeout", "30", "--json", "--pin-file",
                   house.pin("123456")});
  std::this_thread::sleep_for(300ms);
  house.pcscd.stop();
  house.pcscd.start();
  const SoftCard card = house.insert(Place::first_reader, "blue");
  BOOST_TEST(waiting.wait(30) == 0);
}

BOOST_AUTO_TEST_CASE(the_certificate_says_who_it_is_where_the_policy_says_so) {
  const CardHouse house("revocation = \"off\"\nidentity = \"upn\"\ndomain = \"corp.example\"\n");
  {
    const SoftCard card = house.insert(Place::first_reader, "blue");
    house.provision("9a", "ECCP256",
                    {.names = "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:alice@corp.example"});
  }
  const SoftCard card = house.insert(Place::socket, "blue");
  const auto done = house.verify("");
  BOOST_TEST(house.reason(done) == "verified");
  BOOST_TEST(text(done.object, "user") == "alice");
  BOOST_TEST(house.reason(house.verify("bob")) == "unknown-token");
  const std::string id = text(told(house.daemon, {"authenticator", "list", "--user", "alice"})
                                  .at("authenticators")
                                  .as_array()
                                  .at(0)
                                  .as_object(),
                              "id");
  (void)told(house.daemon, {"authenticator", "revoke", id});
  BOOST_TEST(house.reason(house.verify("alice")) ==
             "unknown-token");  // it does not come back by itself
}

BOOST_AUTO_TEST_CASE(an_openpgp_card_in_a_reader_is_enrolled_and_verifies) {
  const CardHouse house;
  const SoftCard card = house.insert(Place::first_reader, "pgp");
  (void)tool({"/usr/bin/opensc-tool", "-r", OwnPcscd::first_reader, "-c", "default", "-s",
              "00A4040006D27600012401", "-s", "00200083083132333435363738", "-s",
              "00DA00C309132A8648CE3D030107", "-s", "0047800002A40000"});
  BOOST_REQUIRE(
      house.tap({"enroll", "openpgp", "--user", "alice", "--pin-file", house.pin("123456")})
          .exit_code == 0);
  BOOST_TEST(house.verify("alice", "999999").exit_code != 0);
  const auto done = house.verify("alice");
  BOOST_TEST(house.reason(done) == "verified");
  BOOST_TEST(text(done.object, "kind") == "openpgp");
}

// A list of the office's says whose card it is; the number is the certificate's, never the unsigned
// CHUID's.
BOOST_AUTO_TEST_CASE(T43_the_cards_number_in_its_certificate_says_who_it_is) {
  const std::string uuid = "6c3f2a91-7d54-4e0b-9a1c-0f2e4d6b8a13",
                    fasc_n = "D4E739DA739CED39CE739D836858210842108421C84210C3EB";
  for (const auto& [identity, names, number] :
       {std::tuple("card-uuid", "URI:urn:uuid:" + uuid, uuid),
        std::tuple(
            "fasc-n",
            "@names\n[names]\notherName.0=2.16.840.1.101.3.6.6;FORMAT:HEX,OCTETSTRING:" + fasc_n,
            fasc_n)}) {
    BOOST_TEST_CONTEXT(identity) {
      const TemporaryFolder list;
      write_file(list / "holders.csv", number + ",alice\n");
      const std::string lines = "revocation = \"off\"\nidentity = \"" + std::string(identity) +
                                "\"\nholders = \"" + list / "holders.csv" + "\"\n";
      const CardHouse house(lines);
      {
        const SoftCard card = house.insert(Place::first_reader, "blue");
        house.provision("9a", "ECCP256", {.names = names});
      }
      wait_for_card(OwnPcscd::first_reader, false);
      {
        const SoftCard card = house.insert(Place::socket, "blue");
        const auto done = house.verify("");
        BOOST_TEST(house.reason(done) == "verified");
        BOOST_TEST(text(done.object, "user") == "alice");
        BOOST_TEST(house.reason(house.verify("bob")) == "unknown-token");
      }
      // An authority that nobody trusts says what it likes.
      const Authority forger(list.path(), "forger");
      {
        const SoftCard card = house.insert(Place::first_reader, "forged");
        house.provision("9a", "ECCP256", {.names = names}, &forger);
      }
      wait_for_card(OwnPcscd::first_reader, false);
      const SoftCard card = house.insert(Place::socket, "forged");
      BOOST_TEST(house.reason(house.verify("")) == "unknown-ca");
    }
  }
}

BOOST_AUTO_TEST_CASE(an_openpgp_cards_authentication_key_is_enrolled_and_verifies) {
  const CardHouse house;
  {
    const SoftCard card = house.insert(Place::first_reader, "pgp");
    // SELECT, the admin's PIN, the key's algorithm (P-256), GENERATE ASYMMETRIC KEY PAIR: OpenPGP
    // card 3.4 §7.
    (void)tool({"/usr/bin/opensc-tool", "-r", OwnPcscd::first_reader, "-c", "default", "-s",
                "00A4040006D27600012401", "-s", "00200083083132333435363738", "-s",
                "00DA00C309132A8648CE3D030107", "-s", "0047800002A40000"});
  }
  const SoftCard card = house.insert(Place::socket, "pgp");
  const auto bound =
      house.tap({"enroll", "openpgp", "--user", "alice", "--pin-file", house.pin("123456")});
  BOOST_REQUIRE(bound.exit_code == 0);
  BOOST_TEST(text(bound.object, "kind") == "openpgp");
  const auto wrong = house.verify("alice", "999999");
  BOOST_TEST(wrong.exit_code != 0);
  const Json info = told(house.daemon, {"device", "info"});
  const Json applet = info.at("card").as_object().at("applets").as_array().at(1).as_object();
  BOOST_TEST(text(applet, "kind") == "openpgp");
  BOOST_TEST(applet.at("pin_retries").as_int64() == 2);
  const auto done = house.verify("alice");
  BOOST_TEST(house.reason(done) == "verified");
  BOOST_TEST(done.object.at("aal").as_int64() == 2);
  BOOST_TEST(text(done.object, "kind") == "openpgp");
  BOOST_TEST(house
                 .tap({"device", "pin", "change", "--applet", "openpgp", "--pin-file",
                       house.pin("123456"), "--new-pin-file", house.pin("654321")})
                 .exit_code == 0);
  BOOST_TEST(house.reason(house.verify("alice", "654321")) == "verified");
}

BOOST_AUTO_TEST_SUITE_END()
