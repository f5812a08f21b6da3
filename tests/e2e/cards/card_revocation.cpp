// SPDX-License-Identifier: Apache-2.0
// Cards whose certificates are revoked, by a list of openssl's CA and by its OCSP responder; and
// what happens when nobody answers.
#include <boost/test/unit_test.hpp>

#include "tests/e2e/support/card_house.h"
#include "tests/e2e/support/processes.h"

using namespace countersign::test;

namespace {

using Place = SoftCard::Place;

constexpr const char* responder = "http://127.0.0.1:8889";

// openssl's OCSP responder on the authority's index, in this test's own network.
class Responder {
 public:
  explicit Responder(const CardHouse& house)
      : process_({"/usr/bin/openssl", "ocsp", "-index", house.office / "ca.index", "-port", "8889",
                  "-rsigner", house.office / "ca.pem", "-rkey", house.office / "ca.key", "-CA",
                  house.office / "ca.pem", "-ndays", "1"},
                 house.office / "ocsp.log") {
    const auto answers = [&house] {
      return run({"/usr/bin/openssl", "ocsp", "-issuer", house.office / "ca.pem", "-serial", "1",
                  "-url", responder, "-CAfile", house.office / "ca.pem"})
                 .exit_code == 0;
    };
    if (!becomes_true(answers, 10'000)) throw std::runtime_error("the responder does not answer");
  }

 private:
  Running process_;
};

// Its certificate names the responder. The certificate's file.
std::string make_card(const CardHouse& house) {
  const SoftCard card = house.insert(Place::first_reader, "blue");
  house.provision("9a", "ECCP256", {.names = {}, .more = {"-days", "10"}, .responder = responder});
  return house.office / "9a.pub.cert";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(card_revocation)

BOOST_AUTO_TEST_CASE(what_a_responder_says_is_kept_as_long_as_it_holds) {
  const CardHouse house("revocation = \"required\"\n");
  const std::string certificate = make_card(house);
  const SoftCard card = house.insert(Place::socket, "blue");
  house.authority.note_valid(certificate);
  {
    const Responder good(house);
    (void)house.enroll_card("alice");
    BOOST_TEST(house.reason(house.verify("alice")) == "verified");
  }
  BOOST_TEST(house.reason(house.verify("alice")) ==
             "verified");             // kept as long as the response holds
  advance(house.daemon, 2 * 86'400);  // then it does not hold any more, and nobody answers
  BOOST_TEST(house.reason(house.verify("alice")) == "revocation-unknown");
}

BOOST_AUTO_TEST_CASE(a_revoked_card_is_denied_with_its_reason) {
  const CardHouse house("revocation = \"required\"\n");
  const std::string certificate = make_card(house);
  (void)house.authority.revoke(certificate);
  const SoftCard card = house.insert(Place::socket, "blue");
  const Responder bad(house);
  const auto done =
      house.tap({"enroll", "piv", "--user", "alice", "--pin-file", house.pin("123456")});
  BOOST_TEST(done.exit_code == 2);
  BOOST_TEST(text(done.object, "error").find("certificate-revoked") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_list_in_a_file_is_gone_by) {
  CardHouse house(
      "revocation = \"required\"\nfetch = false\nrevocation_lists = [\"OFFICE/ca.crl\"]\n");
  {
    const SoftCard card = house.insert(Place::first_reader, "blue");
    house.provision("9a");
  }
  const SoftCard card = house.insert(Place::socket, "blue");
  (void)house.enroll_card("alice");
  BOOST_TEST(house.reason(house.verify("alice")) == "verified");
  (void)house.authority.revoke(house.office / "9a.pub.cert");
  BOOST_TEST(house.daemon.stop() == 0);
  house.daemon.start();
  BOOST_TEST(house.reason(house.verify("alice")) == "certificate-revoked");
}

BOOST_AUTO_TEST_CASE(nobody_answers_is_a_denial_unless_the_policy_says_otherwise) {
  for (const bool required : {true, false}) {
    const CardHouse house(required ? "revocation = \"required\"\n" : "revocation = \"if-known\"\n");
    (void)make_card(house);
    const SoftCard card = house.insert(Place::socket, "blue");
    const auto done =
        house.tap({"enroll", "piv", "--user", "alice", "--pin-file", house.pin("123456")});
    BOOST_TEST(done.exit_code == (required ? 2 : 0));
    if (required)
      BOOST_TEST(text(done.object, "error").find("revocation-unknown") != std::string::npos);
    wait_for_card(OwnPcscd::first_reader, false);
  }
}

BOOST_AUTO_TEST_SUITE_END()
