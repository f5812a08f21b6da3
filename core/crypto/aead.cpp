// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/aead.h"

#include <openssl/evp.h>

#include "core/crypto/openssl.h"

namespace countersign::crypto {
namespace {

constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;

}  // namespace

Aead::Aead(const Secret& key) : encrypt_(EVP_CIPHER_CTX_new()), decrypt_(EVP_CIPHER_CTX_new()) {
  must(key.size() == key_size && encrypt_ != nullptr && decrypt_ != nullptr);
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  must(EVP_EncryptInit_ex2(encrypt_, cipher, key.expose().data(), nullptr, nullptr) == 1);
  must(EVP_DecryptInit_ex2(decrypt_, cipher, key.expose().data(), nullptr, nullptr) == 1);
}

Aead::~Aead() {
  EVP_CIPHER_CTX_free(encrypt_);
  EVP_CIPHER_CTX_free(decrypt_);
}

Bytes Aead::seal(Random& random, BytesView associated, BytesView plain) {
  Bytes sealed(plain.size() + overhead);
  const std::span nonce = std::span(sealed).first(nonce_size);
  random.fill(nonce);
  int written = 0;
  must(EVP_EncryptInit_ex2(encrypt_, nullptr, nullptr, nonce.data(), nullptr) == 1);
  must(EVP_EncryptUpdate(encrypt_, nullptr, &written, associated.data(),
                         static_cast<int>(associated.size())) == 1);
  Byte* out = sealed.data() + nonce_size;
  must(EVP_EncryptUpdate(encrypt_, out, &written, plain.data(), static_cast<int>(plain.size())) ==
       1);
  must(EVP_EncryptFinal_ex(encrypt_, out + written, &written) == 1);
  must(EVP_CIPHER_CTX_ctrl(encrypt_, EVP_CTRL_AEAD_GET_TAG, tag_size, out + plain.size()) == 1);
  return sealed;
}

Result<Secret> Aead::open(BytesView associated, BytesView sealed) {
  if (sealed.size() < overhead) return fail(Code::corrupt, "a sealed value is too short");
  const BytesView nonce = sealed.first(nonce_size);
  const BytesView cipher = sealed.subspan(nonce_size, sealed.size() - overhead);
  const BytesView tag = sealed.last(tag_size);
  Secret plain(cipher.size());
  Byte none = 0;
  Byte* out = plain.empty() ? &none : plain.expose_mutable().data();
  int written = 0;
  must(EVP_DecryptInit_ex2(decrypt_, nullptr, nullptr, nonce.data(), nullptr) == 1);
  must(EVP_DecryptUpdate(decrypt_, nullptr, &written, associated.data(),
                         static_cast<int>(associated.size())) == 1);
  must(EVP_DecryptUpdate(decrypt_, out, &written, cipher.data(), static_cast<int>(cipher.size())) ==
       1);
  must(EVP_CIPHER_CTX_ctrl(decrypt_, EVP_CTRL_AEAD_SET_TAG, tag_size,
                           const_cast<Byte*>(tag.data())) == 1);
  if (EVP_DecryptFinal_ex(decrypt_, out + written, &written) != 1)
    return fail(Code::corrupt,
                "a sealed value does not open: it was changed, moved to another row, or sealed "
                "under another key");
  return plain;
}

}  // namespace countersign::crypto
