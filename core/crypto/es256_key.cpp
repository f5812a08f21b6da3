// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/es256_key.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <cstdlib>

#include "core/crypto/openssl.h"

namespace countersign::crypto {

Es256Key Es256Key::generate() {
  KeyHandle key(EVP_EC_gen("P-256"));
  must(key != nullptr);
  return Es256Key(std::move(key));
}

Result<Es256Key> Es256Key::from_pkcs8(const Secret& der) {
  Es256Key key(crypto::from_pkcs8(der.expose()));
  const bool fits = key.key_ != nullptr && EVP_PKEY_is_a(key.key_.get(), "EC") == 1 &&
                    EVP_PKEY_get_bits(key.key_.get()) == 256 &&
                    PublicKey::from_evp(SignatureAlgorithm::es256, key.key_.get()).has_value();
  if (!fits) return fail(Code::corrupt, "this is no private key for ES256 in PKCS #8");
  return key;
}

Secret Es256Key::pkcs8() const { return to_pkcs8(key_.get()); }

Bytes Es256Key::sign(BytesView message) const {
  return crypto::sign(key_.get(), EVP_sha256(), message);
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
