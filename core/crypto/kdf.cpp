// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/kdf.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <memory>

#include "core/crypto/openssl.h"

namespace countersign::crypto {
namespace {

const EVP_MD* digest_of(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::sha1:
      return EVP_sha1();
    case HashAlgorithm::sha256:
      return EVP_sha256();
    case HashAlgorithm::sha512:
      return EVP_sha512();
  }
  std::unreachable();
}

}  // namespace

Secret hkdf(const Secret& key, std::string_view info, std::size_t size) {
  const std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> kdf(
      EVP_KDF_fetch(nullptr, "HKDF", nullptr), &EVP_KDF_free);
  must(kdf != nullptr);
  const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(
      EVP_KDF_CTX_new(kdf.get()), &EVP_KDF_CTX_free);
  must(context != nullptr);
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<Byte*>(key.expose().data()),
                                        key.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, const_cast<char*>(info.data()),
                                        info.size()),
      OSSL_PARAM_construct_end()};
  Secret result(size);
  must(EVP_KDF_derive(context.get(), result.expose_mutable().data(), size, parameters) == 1);
  return result;
}

Result<Secret> scrypt(BytesView password, BytesView salt, const ScryptCost& cost,
                      std::size_t size) {
  Secret result(size);
  const std::uint64_t memory_limit = 2 * cost.n * cost.r * 128 + (1U << 20U);
  if (EVP_PBE_scrypt(reinterpret_cast<const char*>(password.data()), password.size(), salt.data(),
                     salt.size(), cost.n, cost.r, cost.p, memory_limit,
                     result.expose_mutable().data(), size) != 1)
    return fail(Code::unavailable, "no memory for a slow hash");
  return result;
}

Result<Secret> pbkdf2(HashAlgorithm algorithm, BytesView password, BytesView salt,
                      std::uint32_t iterations, std::size_t size) {
  Secret result(size);
  if (PKCS5_PBKDF2_HMAC(
          reinterpret_cast<const char*>(password.data()), static_cast<int>(password.size()),
          salt.data(), static_cast<int>(salt.size()), static_cast<int>(iterations),
          digest_of(algorithm), static_cast<int>(size), result.expose_mutable().data()) != 1)
    return fail(Code::invalid, "PBKDF2 refuses these parameters");
  return result;
}

}  // namespace countersign::crypto
