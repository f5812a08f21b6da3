// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/es256_key.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <cstdlib>

#include "core/crypto/openssl.h"

namespace countersign::crypto {

void Es256Key::Free::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

Es256Key Es256Key::generate() {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  must(key != nullptr);
  return Es256Key(key);
}

Result<Es256Key> Es256Key::from_pkcs8(const Secret& der) {
  const Byte* at = der.expose().data();
  const std::unique_ptr<PKCS8_PRIV_KEY_INFO, Release<PKCS8_PRIV_KEY_INFO_free>> info(
      d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
  Es256Key key(info == nullptr ? nullptr : EVP_PKCS82PKEY(info.get()));
  const bool fits = key.key_ != nullptr && EVP_PKEY_is_a(key.key_.get(), "EC") == 1 &&
                    EVP_PKEY_get_bits(key.key_.get()) == 256 &&
                    PublicKey::from_evp(SignatureAlgorithm::es256, key.key_.get()).has_value();
  if (!fits) return fail(Code::corrupt, "this is no private key for ES256 in PKCS #8");
  return key;
}

Secret Es256Key::pkcs8() const {
  const std::unique_ptr<PKCS8_PRIV_KEY_INFO, Release<PKCS8_PRIV_KEY_INFO_free>> info(
      EVP_PKEY2PKCS8(key_.get()));
  must(info != nullptr);
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info.get(), nullptr);
  must(size > 0);
  Secret der(static_cast<std::size_t>(size));
  Byte* at = der.expose_mutable().data();
  must(i2d_PKCS8_PRIV_KEY_INFO(info.get(), &at) == size);
  return der;
}

Bytes Es256Key::sign(BytesView message) const {
  const std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  must(context != nullptr &&
       EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
  std::size_t size = 0;
  must(EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) == 1);
  Bytes signature(size);
  must(EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) == 1);
  signature.resize(size);
  return signature;
}

Bytes Es256Key::spki() const {
  const int size = i2d_PUBKEY(key_.get(), nullptr);
  must(size > 0);
  Bytes der(static_cast<std::size_t>(size));
  Byte* at = der.data();
  must(i2d_PUBKEY(key_.get(), &at) == size);
  return der;
}

PublicKey Es256Key::public_key() const {
  Result<PublicKey> key = PublicKey::from_evp(SignatureAlgorithm::es256, key_.get());
  must(key.has_value());
  return std::move(*key);
}

}  // namespace countersign::crypto
