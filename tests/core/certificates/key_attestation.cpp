// SPDX-License-Identifier: Apache-2.0
// What a card says of its key, made by the program openssl: the one that holds, and each that does
// not with its own reason.
#include "core/certificates/key_attestation.h"

#include <fmt/format.h>

#include <boost/test/unit_test.hpp>

#include "tests/core/certificates/openssl_authority.h"

using namespace countersign;
using namespace countersign::certificates;
using test::OpensslAuthority;

namespace {

Time now() {
  return std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now()) +
         std::chrono::minutes(1);
}

// Serial 4711; PIN always, touch cached.
constexpr const char* says =
    "1.3.6.1.4.1.41482.3.7=DER:02:02:12:67\n1.3.6.1.4.1.41482.3.8=DER:03:03\n";

struct Card {
  OpensslAuthority maker{"Maker"};
  OpensslAuthority card{"Card"};
  crypto::Certificate attester = maker.certify(
      card, "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign\n");
  crypto::Certificate statement = card.issue({.name = "slot", .extensions = says});
  crypto::PublicKey key = statement.public_key(crypto::SignatureAlgorithm::es256).value();
  AttestationPolicy policy{.roots = {maker.certificate()}, .required = true};

  [[nodiscard]] KeyAttestation told() const {
    return {.statement = statement.der(), .attester = attester.der()};
  }
  // Empty: it holds.
  [[nodiscard]] std::string judged(const KeyAttestation& attestation, const AttestedKey& wanted,
                                   Time at = now()) const {
    const auto result = judge_attestation(attestation, wanted, policy, at);
    if (result) return {};
    BOOST_TEST((result.error().code == Code::not_permitted));
    return result.error().what;
  }
  [[nodiscard]] std::string judged(const crypto::Certificate& another) const {
    const auto its_key = another.public_key(crypto::SignatureAlgorithm::es256).value();
    return judged({.statement = another.der(), .attester = attester.der()},
                  {.key = its_key, .serial = "4711"});
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(key_attestation, Card)

BOOST_AUTO_TEST_CASE(a_key_that_the_card_made) {
  BOOST_TEST(judged(told(), {.key = key, .serial = "4711"}) == "");
  BOOST_TEST(judged(told(), {.key = key, .serial = "4711", .pin_policy = 3, .touch_policy = 3}) ==
             "");
}

BOOST_AUTO_TEST_CASE(what_stands_between_may_be_among_the_roots) {
  policy.roots.push_back(attester);
  BOOST_TEST(judged({.statement = statement.der()}, {.key = key, .serial = "4711"}) == "");
}

BOOST_AUTO_TEST_CASE(nothing_is_said) {
  BOOST_TEST(judged({}, {.key = key, .serial = "4711"}) ==
             "the card does not say that it made this key");
}

BOOST_AUTO_TEST_CASE(something_is_said_that_is_no_certificate) {
  Bytes cut = statement.der();
  cut.pop_back();
  BOOST_TEST(judged({.statement = cut, .attester = attester.der()}, {.key = key, .serial = "4711"})
                 .starts_with("the statement can't be read"));
  BOOST_TEST(judged({.statement = statement.der(), .attester = {0x30, 0x00}},
                    {.key = key, .serial = "4711"})
                 .starts_with("the certificate of the card's attestation key can't be read"));
}

BOOST_AUTO_TEST_CASE(it_is_about_another_key) {
  const auto other = card.issue({.name = "other", .extensions = says})
                         .public_key(crypto::SignatureAlgorithm::es256)
                         .value();
  BOOST_TEST(judged(told(), {.key = other, .serial = "4711"}) ==
             "the statement is about another key");
}

BOOST_AUTO_TEST_CASE(it_is_about_another_card) {
  BOOST_TEST(judged(told(), {.key = key, .serial = "4712"}) ==
             "the statement is about another card, serial 4711");
  BOOST_TEST(
      judged(card.issue({.name = "silent", .extensions = "1.3.6.1.4.1.41482.3.8=DER:03:03\n"})) ==
      "the statement names no card");
  BOOST_TEST(judged(card.issue(
                 {.name = "odd", .extensions = "1.3.6.1.4.1.41482.3.7=DER:04:02:12:67\n"})) ==
             "the statement names no card");
  BOOST_TEST(
      judged(card.issue({.name = "twice",
                         .extensions = "1.3.6.1.4.1.41482.3.7=DER:02:02:12:67:02:02:12:67\n"})) ==
      "the statement names no card");
}

BOOST_AUTO_TEST_CASE(it_leads_to_nobody_who_is_believed) {
  const std::string_view nobody = "the statement does not chain to a trusted maker";
  BOOST_TEST(
      judged({.statement = statement.der()}, {.key = key, .serial = "4711"}).starts_with(nobody));
  const OpensslAuthority other("Maker");
  policy.roots = {other.certificate()};
  BOOST_TEST(judged(told(), {.key = key, .serial = "4711"}).starts_with(nobody));
  // A card's key is no authority for cards.
  policy.roots = {maker.certificate(), attester};
  const OpensslAuthority below("Below");
  const auto deeper =
      card.certify(below, "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n");
  const auto forged = below.issue({.name = "forged", .extensions = says});
  BOOST_TEST(judged({.statement = forged.der(), .attester = deeper.der()},
                    {.key = forged.public_key(crypto::SignatureAlgorithm::es256).value(),
                     .serial = "4711"})
                 .starts_with(nobody));
}

BOOST_AUTO_TEST_CASE(it_is_out_of_its_time) {
  BOOST_TEST(judged(told(), {.key = key, .serial = "4711"}, now() + std::chrono::hours(24 * 31))
                 .starts_with("the statement does not chain to a trusted maker"));
}

BOOST_AUTO_TEST_CASE(the_key_asks_for_less_than_was_wanted) {
  BOOST_TEST(judged(told(), {.key = key, .serial = "4711", .pin_policy = 2}) ==
             "the key has another PIN policy than was asked for");
  BOOST_TEST(judged(told(), {.key = key, .serial = "4711", .pin_policy = 3, .touch_policy = 2}) ==
             "the key has another touch policy than was asked for");
  const auto silent =
      card.issue({.name = "silent", .extensions = "1.3.6.1.4.1.41482.3.7=DER:02:02:12:67\n"});
  BOOST_TEST(judged({.statement = silent.der(), .attester = attester.der()},
                    {.key = silent.public_key(crypto::SignatureAlgorithm::es256).value(),
                     .serial = "4711",
                     .touch_policy = 2}) ==
             "the statement does not say when the key asks for PIN and touch");
}

BOOST_AUTO_TEST_SUITE_END()
