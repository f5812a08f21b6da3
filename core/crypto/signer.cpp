// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/signer.h"

#include <openssl/evp.h>

#include <memory>

#include "core/crypto/openssl.h"

namespace countersign::crypto {
namespace {

using DigestContext = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

DigestContext make_digest_context() {
  DigestContext context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  must(context != nullptr);
  return context;
}

}  // namespace

Signer::Signer(const Secret& seed)
    : key_(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.expose().data(),
                                        seed.size())),
      public_key_(32) {
  must(key_ != nullptr);
  std::size_t size = public_key_.size();
  must(EVP_PKEY_get_raw_public_key(key_, public_key_.data(), &size) == 1);
}

Signer::~Signer() { EVP_PKEY_free(key_); }

Bytes Signer::sign(BytesView message) const {
  const DigestContext context = make_digest_context();
  must(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_) == 1);
  Bytes signature(64);
  std::size_t size = signature.size();
  must(EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) == 1);
  return signature;
}

bool verify_ed25519(BytesView public_key, BytesView message, BytesView signature) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, public_key.data(), public_key.size()),
      &EVP_PKEY_free);
  if (key == nullptr) return false;
  const DigestContext context = make_digest_context();
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

}  // namespace countersign::crypto
