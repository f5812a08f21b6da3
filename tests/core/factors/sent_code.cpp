// SPDX-License-Identifier: Apache-2.0
#include "core/factors/sent_code.h"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>

#include "core/crypto/system_random.h"

using namespace countersign;

BOOST_AUTO_TEST_SUITE(sent_code_factor)

BOOST_AUTO_TEST_CASE(codes_have_the_wanted_length_and_every_digit_is_as_likely) {
  crypto::SystemRandom random;
  std::array<int, 10> seen{};
  for (int i = 0; i < 5000; ++i) {
    const auto code = sent_code::make(random, 4 + i % 5);
    BOOST_TEST_REQUIRE(code.has_value());
    BOOST_TEST_REQUIRE(code->size() == static_cast<std::size_t>(4 + i % 5));
    for (const char c : code->expose_text()) ++seen[static_cast<std::size_t>(c - '0')];
  }
  // 30,000 digits: 3000 of each, and six standard deviations are 312.
  for (const int count : seen) BOOST_TEST((count > 2688 && count < 3312));
  BOOST_TEST(!sent_code::make(random, 3).has_value());
  BOOST_TEST(!sent_code::make(random, 9).has_value());
}

BOOST_AUTO_TEST_CASE(T09_T10_a_digest_is_of_one_challenge_one_recipient_one_sign_in) {
  crypto::SystemRandom random;
  crypto::Vault vault(random, Secret(32));
  const sent_code::Binding binding{"38g07q6acprjb", "sms +491701234567", "sign-in 1"};
  const Secret code("314159");
  const Bytes digest = sent_code::digest(vault, binding, code);
  BOOST_TEST(sent_code::matches(vault, binding, "314159", digest));
  BOOST_TEST(!sent_code::matches(vault, binding, "314158", digest));
  BOOST_TEST(!sent_code::matches(vault, binding, "", digest));
  BOOST_TEST(!sent_code::matches(vault, {"38g07q6acprjc", binding.recipient, binding.bound_to},
                                 "314159", digest));
  BOOST_TEST(!sent_code::matches(vault, {binding.id, "sms +491701234568", binding.bound_to},
                                 "314159", digest));
  BOOST_TEST(
      !sent_code::matches(vault, {binding.id, binding.recipient, "sign-in 2"}, "314159", digest));
  BOOST_TEST(!as_text(digest).contains("314159"));
  // Without the key, a million guesses over the digest find nothing: it is another one under every
  // key.
  crypto::Vault other(random, Secret(32));
  BOOST_TEST(!sent_code::matches(other, binding, "314159", digest));
  // It outlives a rotation of the data key, as long as the old one is kept.
  vault.use(vault.add_data_key());
  BOOST_TEST(sent_code::matches(vault, binding, "314159", digest));
  BOOST_TEST(!sent_code::matches(vault, binding, "314159", {}));
}

BOOST_AUTO_TEST_CASE(recipients_are_masked) {
  BOOST_TEST(sent_code::masked_phone("+491701234567") ==
             "+49\u2022\u2022\u2022\u2022\u2022\u2022\u2022\u202267");
  BOOST_TEST(!sent_code::masked_phone("+1234567").contains("234"));
  BOOST_TEST(sent_code::masked_email("alice@example.org") ==
             "a\u2022\u2022\u2022\u2022@example.org");
  BOOST_TEST(sent_code::masked_email("a@example.org") == "\u2022\u2022\u2022\u2022@example.org");
  BOOST_TEST(!sent_code::masked_email("no address").contains("address"));
}

BOOST_AUTO_TEST_SUITE_END()
