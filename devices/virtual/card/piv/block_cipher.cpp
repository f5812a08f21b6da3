// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/card/piv/block_cipher.h"

#include <openssl/evp.h>

#include <memory>
#include <utility>

#include "core/crypto/openssl.h"

namespace countersign::virtual_card::piv {
namespace {

using crypto::must;

const EVP_CIPHER* library_cipher(Cipher cipher) {
  switch (cipher) {
    case Cipher::triple_des:
      return EVP_des_ede3_ecb();
    case Cipher::aes128:
      return EVP_aes_128_ecb();
    case Cipher::aes192:
      return EVP_aes_192_ecb();
    case Cipher::aes256:
      return EVP_aes_256_ecb();
  }
  std::unreachable();
}

Bytes run(const ManagementKey& key, BytesView block, int direction) {
  const std::unique_ptr<EVP_CIPHER_CTX, crypto::Release<&EVP_CIPHER_CTX_free>> context(
      EVP_CIPHER_CTX_new());
  must(context != nullptr && block.size() == block_size(key.cipher));
  must(EVP_CipherInit_ex(context.get(), library_cipher(key.cipher), nullptr,
                         key.key.expose().data(), nullptr, direction) == 1);
  must(EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1);
  Bytes out(block.size());
  int size = 0;
  must(EVP_CipherUpdate(context.get(), out.data(), &size, block.data(),
                        static_cast<int>(block.size())) == 1 &&
       static_cast<std::size_t>(size) == out.size());
  return out;
}

}  // namespace

std::size_t block_size(Cipher cipher) { return cipher == Cipher::triple_des ? 8 : 16; }

Bytes encipher(const ManagementKey& key, BytesView block) { return run(key, block, 1); }
Bytes decipher(const ManagementKey& key, BytesView block) { return run(key, block, 0); }

}  // namespace countersign::virtual_card::piv
