// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "core/crypto/block_cipher.h"
#include "core/encoding/hex.h"

using namespace countersign;
using namespace countersign::crypto;

namespace {

Bytes octets(std::string_view text) {
  const auto decoded = formats::hex_decode(text);
  return {decoded->expose().begin(), decoded->expose().end()};
}

struct Vector {
  BlockCipher cipher;
  const char *key, *plain, *sealed;
};
// FIPS 197 appendix C.1 to C.3; SP 800-67 revision 1 appendix B.1, first block.
constexpr Vector vectors[] = {
    {BlockCipher::aes128, "000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff",
     "69c4e0d86a7b0430d8cdb78070b4c55a"},
    {BlockCipher::aes192, "000102030405060708090a0b0c0d0e0f1011121314151617",
     "00112233445566778899aabbccddeeff", "dda97ca4864cdfe06eaf70a0ec0d7191"},
    {BlockCipher::aes256, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     "00112233445566778899aabbccddeeff", "8ea2b7ca516745bfeafc49904b496089"},
    {BlockCipher::triple_des, "0123456789abcdef23456789abcdef01456789abcdef0123",
     "5468652071756663", "a826fd8ce53b855f"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(block_cipher)

BOOST_AUTO_TEST_CASE(the_standards_blocks) {
  for (const Vector& each : vectors) {
    const Bytes key = octets(each.key), plain = octets(each.plain), sealed = octets(each.sealed);
    Bytes out(block_size(each.cipher));
    BOOST_TEST(encipher_block(each.cipher, key, plain, out));
    BOOST_TEST(out == sealed, boost::test_tools::per_element());
    BOOST_TEST(decipher_block(each.cipher, key, sealed, out));
    BOOST_TEST(out == plain, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(other_sizes_are_refused_and_nothing_is_written) {
  Bytes out(16, 0x55);
  const Bytes key(16), block(16);
  BOOST_TEST(!encipher_block(BlockCipher::aes192, key, block, out));
  BOOST_TEST(!encipher_block(BlockCipher::aes128, key, BytesView(block).first(15), out));
  BOOST_TEST(!decipher_block(BlockCipher::aes128, key, block, std::span(out).first(8)));
  BOOST_TEST(!decipher_block(BlockCipher::triple_des, key, block, out));
  BOOST_TEST(out == Bytes(16, 0x55), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
