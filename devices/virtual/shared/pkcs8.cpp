// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/shared/pkcs8.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "core/crypto/openssl.h"

namespace countersign::virtual_token {
namespace {

using crypto::must;
using Info = std::unique_ptr<PKCS8_PRIV_KEY_INFO, crypto::Release<&PKCS8_PRIV_KEY_INFO_free>>;

}  // namespace

void FreeKey::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

Secret to_pkcs8(const evp_pkey_st* key) {
  const Info info(EVP_PKEY2PKCS8(key));
  must(info != nullptr);
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info.get(), nullptr);
  must(size > 0);
  Secret der(static_cast<std::size_t>(size));
  Byte* at = der.expose_mutable().data();
  must(i2d_PKCS8_PRIV_KEY_INFO(info.get(), &at) == size);
  return der;
}

KeyHandle from_pkcs8(BytesView der) {
  const Byte* at = der.data();
  const Info info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())));
  return KeyHandle(info == nullptr ? nullptr : EVP_PKCS82PKEY(info.get()));
}

}  // namespace countersign::virtual_token
