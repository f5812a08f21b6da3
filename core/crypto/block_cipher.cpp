// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/block_cipher.h"

#include <openssl/evp.h>

#include <memory>
#include <utility>

#include "core/crypto/openssl.h"

namespace countersign::crypto {
namespace {

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Release<EVP_CIPHER_CTX_free>>;

// For the life of the process: fetching costs more than a block.
const EVP_CIPHER* fetched(const char* name) {
  const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, name, nullptr);
  must(cipher != nullptr);
  return cipher;
}

const EVP_CIPHER* library_cipher(BlockCipher cipher) {
  switch (cipher) {
    case BlockCipher::triple_des: {
      static const EVP_CIPHER* const found = fetched("DES-EDE3-ECB");
      return found;
    }
    case BlockCipher::aes128: {
      static const EVP_CIPHER* const found = fetched("AES-128-ECB");
      return found;
    }
    case BlockCipher::aes192: {
      static const EVP_CIPHER* const found = fetched("AES-192-ECB");
      return found;
    }
    case BlockCipher::aes256: {
      static const EVP_CIPHER* const found = fetched("AES-256-ECB");
      return found;
    }
  }
  std::unreachable();
}

bool run(BlockCipher cipher, BytesView key, BytesView block, std::span<Byte> out, int encrypt) {
  if (key.size() != key_size(cipher) || block.size() != block_size(cipher) ||
      out.size() != block.size())
    return false;
  thread_local const CipherContext context(EVP_CIPHER_CTX_new());
  must(context != nullptr && EVP_CipherInit_ex2(context.get(), library_cipher(cipher), key.data(),
                                                nullptr, encrypt, nullptr) == 1);
  must(EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1);
  int size = 0;
  must(EVP_CipherUpdate(context.get(), out.data(), &size, block.data(),
                        static_cast<int>(block.size())) == 1 &&
       std::cmp_equal(size, out.size()));
  return true;
}

}  // namespace

std::size_t block_size(BlockCipher cipher) { return cipher == BlockCipher::triple_des ? 8 : 16; }

std::size_t key_size(BlockCipher cipher) {
  switch (cipher) {
    case BlockCipher::aes128:
      return 16;
    case BlockCipher::triple_des:
    case BlockCipher::aes192:
      return 24;
    case BlockCipher::aes256:
      return 32;
  }
  std::unreachable();
}

bool encipher_block(BlockCipher cipher, BytesView key, BytesView block, std::span<Byte> out) {
  return run(cipher, key, block, out, 1);
}
bool decipher_block(BlockCipher cipher, BytesView key, BytesView block, std::span<Byte> out) {
  return run(cipher, key, block, out, 0);
}

}  // namespace countersign::crypto
