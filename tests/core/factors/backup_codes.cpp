// SPDX-License-Identifier: Apache-2.0
// What a thief of the database has to do for one guess (T10).
#include "core/factors/backup_codes.h"

#include <openssl/evp.h>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>

#include "core/crypto/system_random.h"

using namespace countersign;

namespace {

constexpr std::size_t salt_size = 16;

BytesView salt_of(const Secret& material) { return material.expose().first(salt_size); }

// scrypt by OpenSSL alone (RFC 7914), with N = 2^14, r = 8, p = 1: 16 MiB for each guess.
std::array<Byte, 16> scrypt_16_mib(std::string_view code, BytesView salt) {
  std::array<Byte, 16> out{};
  BOOST_REQUIRE(EVP_PBE_scrypt(code.data(), code.size(), salt.data(), salt.size(), 1U << 14U, 8, 1,
                               64U << 20U, out.data(), out.size()) == 1);
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(backup_codes_factor)

BOOST_AUTO_TEST_CASE(T10_each_guess_costs_16_mebibytes) {
  crypto::SystemRandom random;
  const auto set = backup_codes::make(random, 3).value();
  for (std::size_t i = 0; i < set.codes.size(); ++i) {
    const std::string code = backup_codes::normalize(set.codes[i].expose_text());
    const auto kept = set.material.expose().subspan(salt_size + i * 16, 16);
    BOOST_TEST(std::ranges::equal(kept, scrypt_16_mib(code, salt_of(set.material))));
    BOOST_TEST(std::ranges::equal(backup_codes::digest(set.material, code)->expose(), kept));
  }
  // Nobody's code costs as much (T32).
  const auto nobody = backup_codes::digest_for_nobody("0123456789abcdef");
  BOOST_TEST(std::ranges::equal(nobody->expose(),
                                scrypt_16_mib("0123456789abcdef", as_bytes("countersign none"))));
}

BOOST_AUTO_TEST_CASE(T10_each_set_has_a_salt_of_its_own) {
  crypto::SystemRandom random;
  const auto one = backup_codes::make(random, 1).value();
  const auto other = backup_codes::make(random, 1).value();
  BOOST_TEST(!std::ranges::equal(salt_of(one.material), salt_of(other.material)));
  BOOST_TEST(std::ranges::any_of(salt_of(one.material), [](Byte each) { return each != 0; }));
}

BOOST_AUTO_TEST_CASE(T10_codes_have_80_bits) {
  crypto::SystemRandom random;
  const auto set = backup_codes::make(random, 60).value();
  std::array<bool, 128> seen{};
  for (const Secret& code : set.codes) {
    const std::string text = backup_codes::normalize(code.expose_text());
    BOOST_TEST(text.size() == 16U);
    for (const char c : text) seen[static_cast<std::size_t>(c)] = true;
  }
  BOOST_TEST(std::ranges::count(seen, true) ==
             32);  // 960 letters, of 32: none is missing but once in 10^12
}

BOOST_AUTO_TEST_SUITE_END()
