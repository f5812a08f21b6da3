// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/aes_unwrap.h"

#include <openssl/evp.h>

#include <memory>

#include "core/crypto/openssl.h"

namespace countersign::crypto {
namespace {

constexpr std::size_t block_size = 16;
constexpr std::size_t largest = 1U << 20U;  // far above any key, far below INT_MAX

using UnwrapContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;
using Cipher = std::unique_ptr<EVP_CIPHER, decltype(&EVP_CIPHER_free)>;

std::unexpected<Error> does_not_open() {
  return fail(
      Code::corrupt,
      "an encrypted value does not open: the key or password is another, or the value was changed");
}

Cipher fetch(std::size_t key_size, const char* for_16, const char* for_24, const char* for_32) {
  const char* name = key_size == 16   ? for_16
                     : key_size == 24 ? for_24
                     : key_size == 32 ? for_32
                                      : nullptr;
  return {name != nullptr ? EVP_CIPHER_fetch(nullptr, name, nullptr) : nullptr, &EVP_CIPHER_free};
}

// 0 where the padding is wrong. Only its last octet has a rule (xmlenc §5.2.1).
std::size_t padding_of(BytesView plain) {
  const std::size_t size = plain.back();
  return size >= 1 && size <= block_size ? size : 0;
}

}  // namespace

Result<Secret> aes_cbc_decrypt(const Secret& key, BytesView iv_and_cipher) {
  const Cipher cipher = fetch(key.size(), "AES-128-CBC", "AES-192-CBC", "AES-256-CBC");
  if (cipher == nullptr || iv_and_cipher.size() < 2 * block_size ||
      iv_and_cipher.size() % block_size != 0 || iv_and_cipher.size() > largest)
    return does_not_open();
  const UnwrapContext context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  must(context != nullptr);
  must(EVP_DecryptInit_ex2(context.get(), cipher.get(), key.expose().data(), iv_and_cipher.data(),
                           nullptr) == 1);
  must(EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1);
  const BytesView encrypted = iv_and_cipher.subspan(block_size);
  Secret padded(encrypted.size());
  int written = 0;
  must(EVP_DecryptUpdate(context.get(), padded.expose_mutable().data(), &written, encrypted.data(),
                         static_cast<int>(encrypted.size())) == 1);
  must(static_cast<std::size_t>(written) == encrypted.size());
  const std::size_t padding = padding_of(padded.expose());
  if (padding == 0) return does_not_open();
  return Secret(padded.expose().first(padded.size() - padding));
}

Result<Secret> aes_key_unwrap(const Secret& key, BytesView wrapped) {
  const Cipher cipher = fetch(key.size(), "AES-128-WRAP", "AES-192-WRAP", "AES-256-WRAP");
  if (cipher == nullptr || wrapped.size() < 24 || wrapped.size() % 8 != 0 ||
      wrapped.size() > largest)
    return does_not_open();
  const UnwrapContext context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  must(context != nullptr);
  EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  must(EVP_DecryptInit_ex2(context.get(), cipher.get(), key.expose().data(), nullptr, nullptr) ==
       1);
  Secret plain(wrapped.size());  // the library may use as much
  int written = 0;
  if (EVP_DecryptUpdate(context.get(), plain.expose_mutable().data(), &written, wrapped.data(),
                        static_cast<int>(wrapped.size())) != 1 ||
      written < 0 || static_cast<std::size_t>(written) > wrapped.size())
    return does_not_open();
  return Secret(plain.expose().first(static_cast<std::size_t>(written)));
}

}  // namespace countersign::crypto
