// SPDX-License-Identifier: Apache-2.0
// Each cipher and each MAC that a PSKC file may be protected with, by a key and by a password,
// through the import helper and its sandbox.
#include <fmt/format.h>

#include <boost/test/unit_test.hpp>

#include <fstream>

#include "core/base/process_limits.h"
#include "core/crypto/hmac.h"
#include "core/crypto/kdf.h"
#include "core/encoding/base64.h"
#include "core/encoding/hex.h"
#include "core/formats/pskc_protection.h"
#include "tests/sandboxes/work.h"
#include "tests/support/daemon_process.h"

using namespace countersign;
using namespace countersign::test;

namespace {

// As the names of ciphers and MACs end; one that is new has to be added here.
std::size_t key_size_of(std::string_view cipher) {
  for (const std::size_t octets : {16U, 24U, 32U})
    if (cipher.contains("aes" + std::to_string(octets * 8))) return octets;
  throw std::runtime_error("no row for the cipher " + std::string(cipher));
}
bool wraps(std::string_view cipher) {
  if (cipher.contains("#kw-")) return true;
  if (cipher.ends_with("-cbc")) return false;
  throw std::runtime_error("no row for the mode of " + std::string(cipher));
}
HashAlgorithm digest_of(std::string_view mac) {
  if (mac.ends_with("hmac-sha1")) return HashAlgorithm::sha1;
  if (mac.ends_with("hmac-sha256")) return HashAlgorithm::sha256;
  if (mac.ends_with("hmac-sha512")) return HashAlgorithm::sha512;
  throw std::runtime_error("no row for the MAC " + std::string(mac));
}

std::string base64(BytesView octets) {
  return std::string(formats::base64_encode(octets).expose_text());
}

constexpr std::string_view password = "a password of IT";
const Bytes salt(16, 0x11);

std::string file_with(std::string_view cipher, std::string_view mac, BytesView key, bool derived) {
  const Bytes secret(as_bytes("12345678901234567890123456789012").begin(),
                     as_bytes("12345678901234567890123456789012").end());
  const Bytes value = encrypted(wraps(cipher), key, secret);
  const auto tag = crypto::Hmac(digest_of(mac), key).of(value);
  const std::string head =
      derived ? fmt::format(R"(<d:DerivedKey xmlns:d="http://www.w3.org/2009/xmlenc11#">)"
                            R"(<d:KeyDerivationMethod Algorithm="urn:x#pbkdf2"><PBKDF2-params>)"
                            R"(<Salt><Specified>{}</Specified></Salt>)"
                            R"(<IterationCount>1000</IterationCount><KeyLength>{}</KeyLength>)"
                            R"(<PRF Algorithm="{}"/></PBKDF2-params></d:KeyDerivationMethod>)"
                            R"(</d:DerivedKey>)",
                            base64(salt), key.size(), mac)
              : std::string("<ds:KeyName>Key</ds:KeyName>");
  return fmt::format(
      R"(<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc")"
      R"( xmlns:ds="http://www.w3.org/2000/09/xmldsig#")"
      R"( xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"><EncryptionKey>{}</EncryptionKey>)"
      R"(<MACMethod Algorithm="{}"/><KeyPackage><DeviceInfo><SerialNo>1</SerialNo></DeviceInfo>)"
      R"(<Key Id="k1" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp"><AlgorithmParameters>)"
      R"(<ResponseFormat Length="6" Encoding="DECIMAL"/></AlgorithmParameters><Data><Secret>)"
      R"(<EncryptedValue><xenc:EncryptionMethod Algorithm="{}"/><xenc:CipherData>)"
      R"(<xenc:CipherValue>{}</xenc:CipherValue></xenc:CipherData></EncryptedValue>)"
      R"(<ValueMAC>{}</ValueMAC></Secret></Data></Key></KeyPackage></KeyContainer>)",
      head, mac, cipher, base64(value), base64(tag.view()));
}

// The helper with the key or password as its descriptor 3.
Ran import(const std::string& file, const std::string& option, const std::string& secret) {
  const TemporaryFolder folder;
  std::ofstream(folder / "secret") << secret;
  const std::string command = R"(exec "$0" pskc "$1" 3 3<"$2")";
  return run({"/bin/sh", "-c", command, program("countersign-import"), option, folder / "secret"},
             file);
}

void require_read(const Ran& ran, std::string_view cipher, std::string_view mac) {
  const bool read = ran.exit_code == 0 && ran.out.contains("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  BOOST_TEST(read,
             cipher << ", " << mac << ": exit " << ran.exit_code << " " << ran.out << ran.err);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sandboxed_pskc, *boost::unit_test::enable_if<!built_with_sanitizer>())

BOOST_AUTO_TEST_CASE(every_protection_of_a_file_is_opened_in_the_sandbox) {
  for (const std::string_view cipher : formats::pskc_ciphers())
    for (const std::string_view mac : formats::pskc_macs()) {
      const std::size_t size = key_size_of(cipher);
      const Bytes key(size, 7);
      require_read(import(file_with(cipher, mac, key, false), "--key-fd", formats::hex_encode(key)),
                   cipher, mac);
      const auto derived =
          crypto::pbkdf2(digest_of(mac), as_bytes(password), salt, 1000, size).value();
      require_read(import(file_with(cipher, mac, derived.expose(), true), "--password-fd",
                          std::string(password)),
                   cipher, mac);
    }
}

BOOST_AUTO_TEST_SUITE_END()
