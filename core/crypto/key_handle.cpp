// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/key_handle.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "core/crypto/openssl.h"

namespace countersign::crypto {
namespace {

using Info = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Release<&PKCS8_PRIV_KEY_INFO_free>>;

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

Bytes sign(evp_pkey_st* key, const evp_md_st* digest, BytesView message) {
  const std::unique_ptr<EVP_MD_CTX, Release<&EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  must(context != nullptr && EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key) == 1);
  std::size_t size = 0;
  must(EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) == 1);
  Bytes signature(size);
  must(EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) == 1);
  signature.resize(size);
  return signature;
}

Bytes number_of(const evp_pkey_st* key, const char* name) {
  BIGNUM* number = nullptr;
  must(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  Bytes bytes(static_cast<std::size_t>(BN_num_bytes(number)));
  BN_bn2bin(number, bytes.data());
  BN_free(number);
  return bytes;
}

}  // namespace countersign::crypto
