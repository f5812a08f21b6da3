// SPDX-License-Identifier: Apache-2.0
// Project Wycheproof's vectors, where tests/CMakeLists.txt or $COUNTERSIGN_VECTORS says they are.
// The number of cases judged is asserted, so that an empty run can't look green; without the files
// the test says so.
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/crypto/aead.h"
#include "core/crypto/hmac.h"
#include "core/crypto/public_key.h"
#include "core/crypto/signer.h"
#include "core/encoding/hex.h"

using namespace countersign;

namespace {

std::string folder() {
  if (const char* named = std::getenv("COUNTERSIGN_VECTORS"))
    return std::string(named) + "/wycheproof/";
  return COUNTERSIGN_VECTORS_DIR "/wycheproof/";
}

boost::json::value read(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(folder() + name).rdbuf();
  return boost::json::parse(text.str());
}

bool there() {
  if (std::filesystem::exists(folder())) return true;
  BOOST_TEST_MESSAGE("third-party vectors are not there (" + folder() +
                     "): nothing was judged by them");
  return false;
}

Bytes bytes(const boost::json::value& hex) {
  if (hex.as_string().empty()) return {};
  const auto decoded =
      formats::hex_decode(std::string_view(hex.as_string().data(), hex.as_string().size()));
  const auto view = decoded->expose();
  return {view.begin(), view.end()};
}

// Calls judge(group, case) for all cases; how many there were.
template <class F>
int each(const std::string& file, F&& judge) {
  const auto document = read(file);
  int count = 0;
  for (const auto& group : document.at("testGroups").as_array())
    for (const auto& test : group.at("tests").as_array()) count += judge(group, test) ? 1 : 0;
  return count;
}

bool valid(const boost::json::value& test) { return test.at("result").as_string() == "valid"; }

void judge_hmac(const std::string& file, HashAlgorithm algorithm, int expected) {
  const int judged = each(file, [&](const auto& group, const auto& test) {
    const auto size = static_cast<std::size_t>(group.at("tagSize").as_int64() / 8);
    crypto::Hmac mac(algorithm, bytes(test.at("key")));
    const auto tag = mac.of(bytes(test.at("msg")));
    BOOST_TEST(equal_constant_time(tag.view().first(size), bytes(test.at("tag"))) == valid(test),
               file << " " << test.at("tcId").as_int64());
    return true;
  });
  BOOST_TEST(judged == expected);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wycheproof)

BOOST_AUTO_TEST_CASE(hmac) {
  if (!there()) return;
  judge_hmac("hmac_sha1_test.json", HashAlgorithm::sha1, 170);
  judge_hmac("hmac_sha256_test.json", HashAlgorithm::sha256, 174);
  judge_hmac("hmac_sha512_test.json", HashAlgorithm::sha512, 174);
}

BOOST_AUTO_TEST_CASE(aes_256_gcm_with_96_bit_nonces) {
  if (!there()) return;
  const int judged = each("aes_gcm_test.json", [](const auto& group, const auto& test) {
    if (group.at("keySize").as_int64() != 256 || group.at("ivSize").as_int64() != 96 ||
        group.at("tagSize").as_int64() != 128)
      return false;
    Bytes sealed = bytes(test.at("iv"));
    for (const char* part : {"ct", "tag"}) {
      const Bytes more = bytes(test.at(part));
      sealed.insert(sealed.end(), more.begin(), more.end());
    }
    const auto opened =
        crypto::Aead(Secret(bytes(test.at("key")))).open(bytes(test.at("aad")), sealed);
    BOOST_TEST(opened.has_value() == valid(test), test.at("tcId").as_int64());
    if (opened) BOOST_TEST(equal_constant_time(opened->expose(), bytes(test.at("msg"))));
    return true;
  });
  BOOST_TEST(judged == 66);
}

BOOST_AUTO_TEST_CASE(ed25519) {
  if (!there()) return;
  const int judged = each("ed25519_test.json", [](const auto& group, const auto& test) {
    BOOST_TEST(crypto::verify_ed25519(bytes(group.at("publicKey").at("pk")), bytes(test.at("msg")),
                                      bytes(test.at("sig"))) == valid(test),
               test.at("tcId").as_int64());
    return true;
  });
  BOOST_TEST(judged == 151);
}

BOOST_AUTO_TEST_CASE(ed25519_keys_of_credentials) {
  if (!there()) return;
  const int judged = each("ed25519_test.json", [](const auto& group, const auto& test) {
    const auto key = crypto::PublicKey::from_edwards(crypto::SignatureAlgorithm::eddsa,
                                                     bytes(group.at("publicKey").at("pk")));
    BOOST_TEST((key && key->verify(bytes(test.at("msg")), bytes(test.at("sig")))) == valid(test),
               test.at("tcId").as_int64());
    return true;
  });
  BOOST_TEST(judged == 151);
}

BOOST_AUTO_TEST_CASE(ecdsa_on_p_256) {
  if (!there()) return;
  const int judged =
      each("ecdsa_secp256r1_sha256_test.json", [](const auto& group, const auto& test) {
        const auto key = crypto::PublicKey::from_spki(crypto::SignatureAlgorithm::es256,
                                                      bytes(group.at("publicKeyDer")));
        BOOST_TEST_REQUIRE(key.has_value());
        BOOST_TEST(key->verify(bytes(test.at("msg")), bytes(test.at("sig"))) == valid(test),
                   test.at("tcId").as_int64());
        return true;
      });
  BOOST_TEST(judged == 484);
}

// "acceptable" is one whose DigestInfo leaves the NULL out (RFC 8017 §8.2.2 lets verifiers refuse
// it); libcrypto refuses.
BOOST_AUTO_TEST_CASE(rsa_2048_with_pkcs1_padding) {
  if (!there()) return;
  const int judged =
      each("rsa_signature_2048_sha256_test.json", [](const auto& group, const auto& test) {
        const auto key = crypto::PublicKey::from_spki(crypto::SignatureAlgorithm::rs256,
                                                      bytes(group.at("publicKeyDer")));
        BOOST_TEST_REQUIRE(key.has_value());
        BOOST_TEST(key->verify(bytes(test.at("msg")), bytes(test.at("sig"))) == valid(test),
                   test.at("tcId").as_int64());
        return true;
      });
  BOOST_TEST(judged == 259);
}

BOOST_AUTO_TEST_SUITE_END()
