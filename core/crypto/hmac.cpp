// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/hmac.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <utility>

#include "core/crypto/openssl.h"

namespace countersign::crypto {
namespace {

thread_local std::uint64_t macs_computed = 0;

// A context with its digest chosen, to be copied: choosing it by name costs more than the MAC.
EVP_MAC_CTX* make_template(const char* digest) {
  EVP_MAC* mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  must(mac != nullptr);
  EVP_MAC_CTX* context = EVP_MAC_CTX_new(mac);
  EVP_MAC_free(mac);
  must(context != nullptr);
  char name[16] = {};
  std::char_traits<char>::copy(name, digest, std::char_traits<char>::length(digest));
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                   OSSL_PARAM_construct_end()};
  must(EVP_MAC_CTX_set_params(context, parameters) == 1);
  return context;
}

const EVP_MAC_CTX* template_for(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::sha1: {
      static const EVP_MAC_CTX* const context = make_template("SHA1");
      return context;
    }
    case HashAlgorithm::sha256: {
      static const EVP_MAC_CTX* const context = make_template("SHA256");
      return context;
    }
    case HashAlgorithm::sha512: {
      static const EVP_MAC_CTX* const context = make_template("SHA512");
      return context;
    }
  }
  std::unreachable();
}

}  // namespace

Hmac::Hmac(HashAlgorithm algorithm, BytesView key)
    : context_(EVP_MAC_CTX_dup(template_for(algorithm))) {
  must(context_ != nullptr);
  // A null key would mean "keep the old one": an empty key is handed over as a pointer to nothing.
  static constexpr Byte none = 0;
  must(EVP_MAC_init(context_, key.empty() ? &none : key.data(), key.size(), nullptr) == 1);
}

Hmac::~Hmac() { EVP_MAC_CTX_free(context_); }

Hmac::Tag Hmac::of(BytesView message) {
  if (!std::exchange(fresh_, false)) must(EVP_MAC_init(context_, nullptr, 0, nullptr) == 1);
  Tag tag;
  must(EVP_MAC_update(context_, message.data(), message.size()) == 1);
  must(EVP_MAC_final(context_, tag.bytes.data(), &tag.size, tag.bytes.size()) == 1);
  ++macs_computed;
  return tag;
}

std::uint64_t Hmac::computed() { return macs_computed; }

Secret hmac_sha256(BytesView key, BytesView message) {
  Hmac mac(HashAlgorithm::sha256, key);
  Hmac::Tag tag = mac.of(message);
  Secret result(tag.view());
  wipe(tag.bytes.data(), tag.bytes.size());
  return result;
}

}  // namespace countersign::crypto
