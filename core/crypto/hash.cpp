// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/hash.h"

#include <openssl/evp.h>

#include <memory>
#include <utility>

#include "core/crypto/openssl.h"

namespace countersign::crypto {

Sha256 sha256(std::initializer_list<BytesView> parts) {
  // The context and the fetched algorithm are kept: fetching them costs more than a short digest.
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(
      EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  must(algorithm != nullptr && context != nullptr);
  Sha256 digest{};
  must(EVP_DigestInit_ex2(context.get(), algorithm, nullptr) == 1);
  for (const BytesView part : parts)
    must(EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1);
  must(EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1);
  return digest;
}

namespace {

Bytes digest_of(const EVP_MD* type, std::initializer_list<BytesView> parts) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  must(context != nullptr && EVP_DigestInit_ex2(context.get(), type, nullptr) == 1);
  for (const BytesView part : parts)
    must(EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1);
  Bytes digest(static_cast<std::size_t>(EVP_MD_get_size(type)));
  must(EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1);
  return digest;
}

}  // namespace

Bytes sha2(Sha2 algorithm, std::initializer_list<BytesView> parts) {
  switch (algorithm) {
    case Sha2::sha256:
      return digest_of(EVP_sha256(), parts);
    case Sha2::sha384:
      return digest_of(EVP_sha384(), parts);
    case Sha2::sha512:
      return digest_of(EVP_sha512(), parts);
  }
  std::unreachable();
}

Bytes sha1(std::initializer_list<BytesView> parts) { return digest_of(EVP_sha1(), parts); }

}  // namespace countersign::crypto
