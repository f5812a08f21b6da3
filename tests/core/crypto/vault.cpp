// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/vault.h"

#include <boost/test/unit_test.hpp>

#include "tests/fakes/counting_random.h"

using namespace countersign;
using crypto::Purpose;
using crypto::Vault;

BOOST_AUTO_TEST_SUITE(vault)

BOOST_AUTO_TEST_CASE(T11_every_bit_the_row_and_the_purpose_are_bound) {
  fakes::CountingRandom random;
  Vault vault(random, Secret(32));
  const Bytes sealed =
      vault.seal(Purpose::authenticator, "row 1", Secret(std::string_view("seed")));
  BOOST_TEST(vault.open(Purpose::authenticator, "row 1", sealed)->expose_text() == "seed");
  BOOST_TEST(!vault.open(Purpose::authenticator, "row 2", sealed).has_value());
  BOOST_TEST(!vault.open(Purpose::pending, "row 1", sealed).has_value());
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes changed = sealed;
    changed[bit / 8] = static_cast<Byte>(changed[bit / 8] ^ (1U << (bit % 8)));
    BOOST_TEST(!vault.open(Purpose::authenticator, "row 1", changed).has_value());
  }
  for (std::size_t size = 0; size < sealed.size(); ++size)
    BOOST_TEST(
        !vault.open(Purpose::authenticator, "row 1", BytesView(sealed).first(size)).has_value());
}

BOOST_AUTO_TEST_CASE(T11_another_root_key_opens_nothing) {
  fakes::CountingRandom random;
  Vault vault(random, Secret(std::string_view("0123456789abcdef0123456789abcdef")));
  const Bytes wrapped = vault.wrap();
  BOOST_TEST(!Vault::unwrap(random, Secret(32), wrapped).has_value());
  const auto again =
      Vault::unwrap(random, Secret(std::string_view("0123456789abcdef0123456789abcdef")), wrapped);
  BOOST_TEST_REQUIRE(again.has_value());
  const Bytes sealed = vault.seal(Purpose::setting, "x", Secret(std::string_view("y")));
  BOOST_TEST((*again)->open(Purpose::setting, "x", sealed)->expose_text() == "y");
}

BOOST_AUTO_TEST_CASE(a_new_data_key_seals_only_after_use) {
  fakes::CountingRandom random;
  Vault vault(random, Secret(32));
  const auto fresh = vault.add_data_key();
  BOOST_TEST(Vault::key_of(vault.seal(Purpose::setting, "x", Secret(4))) == 1U);
  const Bytes old = vault.seal(Purpose::setting, "x", Secret(4));
  vault.use(fresh);
  BOOST_TEST(Vault::key_of(vault.seal(Purpose::setting, "x", Secret(4))) == fresh);
  BOOST_TEST(vault.open(Purpose::setting, "x", old).has_value());
  vault.drop_data_keys_before(fresh);
  BOOST_TEST(!vault.open(Purpose::setting, "x", old).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
