// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/block_cipher.h"

#include <openssl/evp.h>

#include <memory>
#include <utility>

#include "core/crypto/openssl.h"

namespace countersign::crypto {
namespace {

const EVP_CIPHER* library_cipher(BlockCipher cipher) {
  switch (cipher) {
    case BlockCipher::triple_des: return EVP_des_ede3_ecb();
    case BlockCipher::aes128: return EVP_aes_128_ecb();
    case BlockCipher::aes192: return EVP_aes_192_ecb();
    case BlockCipher::aes256: return EVP_aes_256_ecb();
  }
  std::unreachable();
}

std::optional<Bytes> run(BlockCipher cipher, const Secret& key, BytesView block, int direction) {
  if (key.size() != key_size(cipher) || block.size() != block_size(cipher)) return std::nullopt;
  const std::unique_ptr<EVP_CIPHER_CTX, Release<&EVP_CIPHER_CTX_free>> context(EVP_CIPHER_CTX_new());
  must(context != nullptr && EVP_CipherInit_ex(context.get(), library_cipher(cipher), nullptr, key.expose().data(), nullptr, direction) == 1);
  must(EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1);
  Bytes out(block.size());
  int size = 0;
  must(EVP_CipherUpdate(context.get(), out.data(), &size, block.data(), static_cast<int>(block.size())) == 1 && std::cmp_equal(size, out.size()));
  return out;
}

}  // namespace

std::size_t block_size(BlockCipher cipher) { return cipher == BlockCipher::triple_des ? 8 : 16; }

std::size_t key_size(BlockCipher cipher) {
  switch (cipher) {
    case BlockCipher::aes128: return 16;
    case BlockCipher::triple_des:
    case BlockCipher::aes192: return 24;
    case BlockCipher::aes256: return 32;
  }
  std::unreachable();
}

std::optional<Bytes> encipher_block(BlockCipher cipher, const Secret& key, BytesView block) { return run(cipher, key, block, 1); }
std::optional<Bytes> decipher_block(BlockCipher cipher, const Secret& key, BytesView block) { return run(cipher, key, block, 0); }

}  // namespace countersign::crypto
