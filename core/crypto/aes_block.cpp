// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/aes_block.h"

#include <openssl/evp.h>

#include <memory>

#include "core/crypto/openssl.h"

namespace countersign::crypto {
namespace {

using Context = std::unique_ptr<EVP_CIPHER_CTX, Release<EVP_CIPHER_CTX_free>>;

const EVP_CIPHER* cipher() {
  static const EVP_CIPHER* const fetched = EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr);  // for the life of the process
  must(fetched != nullptr);
  return fetched;
}

AesBlock run(BytesView key, const AesBlock& block, int encrypt) {
  thread_local const Context context(EVP_CIPHER_CTX_new());
  must(context != nullptr && key.size() == block.size());
  must(EVP_CipherInit_ex2(context.get(), cipher(), key.data(), nullptr, encrypt, nullptr) == 1 && EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1);
  AesBlock out;
  int written = 0;
  must(EVP_CipherUpdate(context.get(), out.data(), &written, block.data(), static_cast<int>(block.size())) == 1);
  must(static_cast<std::size_t>(written) == out.size());
  return out;
}

}  // namespace

AesBlock aes_128_decrypt(BytesView key, const AesBlock& block) { return run(key, block, 0); }
AesBlock aes_128_encrypt(BytesView key, const AesBlock& block) { return run(key, block, 1); }

}  // namespace countersign::crypto
