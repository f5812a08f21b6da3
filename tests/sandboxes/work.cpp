// SPDX-License-Identifier: Apache-2.0
#include "tests/sandboxes/work.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

#include "core/crypto/aead.h"
#include "core/crypto/aes_unwrap.h"
#include "core/crypto/block_cipher.h"
#include "core/crypto/es256_key.h"
#include "core/crypto/hash.h"
#include "core/crypto/hmac.h"
#include "core/crypto/kdf.h"
#include "core/crypto/roca.h"
#include "core/crypto/signer.h"
#include "core/crypto/system_random.h"
#include "core/crypto/x509_path.h"
#include "tests/core/webauthn/soft_authenticator.h"

namespace countersign::test {
namespace {

using crypto::SignatureAlgorithm;

const Bytes message(100, 0x5A);

bool verifies(const SigningKey& key) {
  const Bytes signature = key.sign(message);
  const auto read = crypto::PublicKey::from_spki(key.algorithm(), key.public_key().spki());
  return read && read->verify(message, signature) && !read->verify(Bytes(100, 0x5B), signature);
}

// A certificate of that key, under an authority of that algorithm.
bool leads_to_a_root(SignatureAlgorithm algorithm) {
  const Authority authority("Root", algorithm);
  const auto leaf = authority.issue(SigningKey(algorithm), packed_certificate());
  return crypto::verify_path(leaf, {}, {authority.certificate()},
                             {.at = from_unix_ms(ceremony_seconds * 1000)})
      .has_value();
}

bool verifies_rsa_of(unsigned bits) {
  const SigningKey key = SigningKey::rsa(bits);
  return verifies(key);
}

// What libfido2 and pcscd's clients do for a PIN: a shared secret of P-256.
bool agrees() {
  const SigningKey ours, theirs;
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new(ours.raw(), nullptr), &EVP_PKEY_CTX_free);
  std::size_t size = 0;
  return EVP_PKEY_derive_init(context.get()) == 1 &&
         EVP_PKEY_derive_set_peer(context.get(), theirs.raw()) == 1 &&
         EVP_PKEY_derive(context.get(), nullptr, &size) == 1 && size == 32;
}

bool decrypts(bool wrap, std::size_t key_size) {
  const Bytes key(key_size, 7), plain(32, 0x5A);
  const Bytes cipher = encrypted(wrap, key, plain);
  const Secret opener{BytesView(key)};
  const auto opened =
      wrap ? crypto::aes_key_unwrap(opener, cipher) : crypto::aes_cbc_decrypt(opener, cipher);
  return opened && std::ranges::equal(opened->expose(), plain);
}

bool ciphers_a_block(crypto::BlockCipher cipher) {
  Bytes key(crypto::key_size(cipher));
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<Byte>(i);
  const Bytes block(crypto::block_size(cipher), 3);
  Bytes there(block.size()), back(block.size());
  return crypto::encipher_block(cipher, key, block, there) &&
         crypto::decipher_block(cipher, key, there, back) && back == block && there != block;
}

bool seals() {
  crypto::SystemRandom random;
  crypto::Aead aead{Secret(32)};
  const auto opened = aead.open(message, aead.seal(random, message, message));
  return opened && opened->size() == message.size();
}

bool signs_heads() {
  const crypto::Signer signer{Secret(32)};
  return crypto::verify_ed25519(signer.public_key(), message, signer.sign(message));
}

bool signs_as_a_machine() {
  const auto key = crypto::Es256Key::generate();
  return crypto::Es256Key::from_pkcs8(key.pkcs8())->public_key().verify(message, key.sign(message));
}

std::vector<Work> make() {
  std::vector<Work> all;
  for (const auto& entry : enum_names<SignatureAlgorithm>) {
    const SignatureAlgorithm algorithm = entry.value;
    all.push_back({"verify " + std::string(entry.name),
                   [algorithm] { return verifies(SigningKey(algorithm)); }});
    all.push_back(
        {"path " + std::string(entry.name), [algorithm] { return leads_to_a_root(algorithm); }});
  }
  all.push_back({"verify RS1", [] {
                   const SigningKey key(SignatureAlgorithm::rs256);
                   return key.public_key().verify_rs1({message}, key.sign_rs1(message));
                 }});
  for (const unsigned bits : {3072U, 4096U})
    all.push_back({"verify RSA " + std::to_string(bits), [bits] { return verifies_rsa_of(bits); }});
  all.push_back({"roca", [] {
                   return !crypto::has_roca_fingerprint(
                       SigningKey(SignatureAlgorithm::rs256).public_key().rsa()->n);
                 }});
  for (const auto& entry : enum_names<HashAlgorithm>) {
    const HashAlgorithm algorithm = entry.value;
    all.push_back({"HMAC " + std::string(entry.name), [algorithm] {
                     return crypto::Hmac(algorithm, message).of(message).size >= 20;
                   }});
    all.push_back({"PBKDF2 " + std::string(entry.name), [algorithm] {
                     return crypto::pbkdf2(algorithm, message, message, 1000, 32).has_value();
                   }});
  }
  for (const crypto::Sha2 digest : crypto::sha2_digests)
    all.push_back({"SHA-2 " + std::to_string(static_cast<int>(digest)),
                   [digest] { return crypto::sha2(digest, {message}).size() >= 32; }});
  for (const crypto::BlockCipher cipher : crypto::block_ciphers)
    all.push_back({"block cipher " + std::to_string(static_cast<int>(cipher)),
                   [cipher] { return ciphers_a_block(cipher); }});
  for (const std::size_t size : {16U, 24U, 32U}) {
    all.push_back({"AES-CBC " + std::to_string(size), [size] { return decrypts(false, size); }});
    all.push_back(
        {"AES key wrap " + std::to_string(size), [size] { return decrypts(true, size); }});
  }
  all.push_back({"SHA-1", [] { return crypto::sha1({message}).size() == 20; }});
  all.push_back({"scrypt", [] { return crypto::scrypt(message, message, {}, 32).has_value(); }});
  all.push_back({"HKDF", [] { return crypto::hkdf(Secret(32), "test", 32).size() == 32; }});
  all.push_back({"AES-GCM", seals});
  all.push_back({"ECDH", agrees});
  all.push_back({"signed heads", signs_heads});
  all.push_back({"machine keys", signs_as_a_machine});
  return all;
}

const EVP_CIPHER* aes(bool wrap, std::size_t key_size) {
  switch (key_size) {
    case 16:
      return wrap ? EVP_aes_128_wrap() : EVP_aes_128_cbc();
    case 24:
      return wrap ? EVP_aes_192_wrap() : EVP_aes_192_cbc();
    default:
      return wrap ? EVP_aes_256_wrap() : EVP_aes_256_cbc();
  }
}

}  // namespace

Bytes encrypted(bool wrap, BytesView key, BytesView plain) {
  const Bytes iv(16, 0);
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  Bytes out(plain.size() + 64);
  int first = 0, last = 0;
  const bool done = EVP_EncryptInit_ex(context.get(), aes(wrap, key.size()), nullptr, key.data(),
                                       wrap ? nullptr : iv.data()) == 1 &&
                    EVP_EncryptUpdate(context.get(), out.data(), &first, plain.data(),
                                      static_cast<int>(plain.size())) == 1 &&
                    EVP_EncryptFinal_ex(context.get(), out.data() + first, &last) == 1;
  if (!done) return {};
  out.resize(static_cast<std::size_t>(first + last));
  return wrap ? out : joined({iv, out});
}

const std::vector<Work>& all_work() {
  static const std::vector<Work> all = make();
  return all;
}

}  // namespace countersign::test
