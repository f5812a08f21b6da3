// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/card/base/key.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/crypto/openssl.h"

namespace countersign::virtual_card {
namespace {

using crypto::must;
using Context = std::unique_ptr<EVP_PKEY_CTX, crypto::Release<&EVP_PKEY_CTX_free>>;
using crypto::KeyHandle;

constexpr std::array types{KeyType::rsa1024, KeyType::rsa2048, KeyType::rsa3072, KeyType::rsa4096,
                           KeyType::p256,    KeyType::p384,    KeyType::ed25519, KeyType::x25519};

EVP_PKEY* make_key(KeyType type) {
  switch (type) {
    case KeyType::rsa1024:
    case KeyType::rsa2048:
    case KeyType::rsa3072:
    case KeyType::rsa4096:
      return EVP_RSA_gen(static_cast<unsigned>(size_of(type) * 8));
    case KeyType::p256:
      return EVP_EC_gen("P-256");
    case KeyType::p384:
      return EVP_EC_gen("P-384");
    case KeyType::ed25519:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    case KeyType::x25519:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519");
  }
  std::unreachable();
}

bool fits(KeyType type, const EVP_PKEY* key) {
  if (is_rsa(type))
    return EVP_PKEY_is_a(key, "RSA") == 1 &&
           static_cast<std::size_t>(EVP_PKEY_get_bits(key)) == size_of(type) * 8;
  if (is_ec(type))
    return EVP_PKEY_is_a(key, "EC") == 1 &&
           static_cast<std::size_t>(EVP_PKEY_get_bits(key)) == size_of(type) * 8;
  return EVP_PKEY_is_a(key, type == KeyType::ed25519 ? "ED25519" : "X25519") == 1;
}

KeyHandle public_key(KeyType type, BytesView point) {
  if (type == KeyType::x25519)
    return KeyHandle(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, point.data(), point.size()));
  char group[] = "P-256";
  if (type == KeyType::p384) std::copy_n("P-384", sizeof group, group);
  const std::array parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, const_cast<Byte*>(point.data()),
                                        point.size()),
      OSSL_PARAM_construct_end()};
  const Context context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  must(context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1);
  (void)EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY,
                          const_cast<OSSL_PARAM*>(parameters.data()));
  return KeyHandle(key);
}

}  // namespace

std::optional<KeyType> key_type(Byte identifier) {
  const auto found = std::ranges::find(types, static_cast<KeyType>(identifier));
  return found == types.end() ? std::nullopt : std::optional(*found);
}

bool is_ec(KeyType type) { return type == KeyType::p256 || type == KeyType::p384; }

bool is_rsa(KeyType type) {
  return !is_ec(type) && type != KeyType::ed25519 && type != KeyType::x25519;
}

std::size_t size_of(KeyType type) {
  switch (type) {
    case KeyType::rsa1024:
      return 128;
    case KeyType::rsa2048:
      return 256;
    case KeyType::rsa3072:
      return 384;
    case KeyType::rsa4096:
      return 512;
    case KeyType::p384:
      return 48;
    case KeyType::p256:
    case KeyType::ed25519:
    case KeyType::x25519:
      return 32;
  }
  std::unreachable();
}

CardKey CardKey::generate(KeyType type) {
  CardKey key(type, KeyHandle(make_key(type)));
  must(key.key_ != nullptr);
  return key;
}

Result<CardKey> CardKey::from_pkcs8(KeyType type, BytesView der) {
  CardKey key(type, crypto::from_pkcs8(der));
  if (key.key_ == nullptr || !fits(type, key.get()))
    return fail(Code::corrupt, "a private key in the state file can't be read");
  return key;
}

Bytes CardKey::modulus() const { return crypto::number_of(get(), OSSL_PKEY_PARAM_RSA_N); }
Bytes CardKey::exponent() const { return crypto::number_of(get(), OSSL_PKEY_PARAM_RSA_E); }

Bytes CardKey::point() const {
  Bytes point(is_ec(type_) ? 2 * size_of(type_) + 1 : size_of(type_));
  std::size_t size = point.size();
  if (is_ec(type_))
    must(EVP_PKEY_get_octet_string_param(get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(),
                                         &size) == 1);
  else
    must(EVP_PKEY_get_raw_public_key(get(), point.data(), &size) == 1);
  must(size == point.size());
  return point;
}

std::optional<Bytes> CardKey::rsa(BytesView block) const {
  if (!is_rsa(type_) || block.size() != size_of(type_)) return std::nullopt;
  const Context context(EVP_PKEY_CTX_new(get(), nullptr));
  must(context != nullptr && EVP_PKEY_decrypt_init(context.get()) == 1 &&
       EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING) == 1);
  Bytes result(block.size());
  std::size_t size = result.size();
  if (EVP_PKEY_decrypt(context.get(), result.data(), &size, block.data(), block.size()) != 1 ||
      size != result.size())
    return std::nullopt;
  return result;
}

std::optional<Bytes> CardKey::ecdsa(BytesView digest) const {
  if (!is_ec(type_) || digest.empty() || digest.size() > size_of(type_)) return std::nullopt;
  const Context context(EVP_PKEY_CTX_new(get(), nullptr));
  must(context != nullptr && EVP_PKEY_sign_init(context.get()) == 1);
  std::size_t size = 0;
  must(EVP_PKEY_sign(context.get(), nullptr, &size, digest.data(), digest.size()) == 1);
  Bytes signature(size);
  must(EVP_PKEY_sign(context.get(), signature.data(), &size, digest.data(), digest.size()) == 1);
  signature.resize(size);
  return signature;
}

std::optional<Bytes> CardKey::eddsa(BytesView message) const {
  if (type_ != KeyType::ed25519) return std::nullopt;
  return crypto::sign(get(), nullptr, message);
}

std::optional<Bytes> CardKey::agree(BytesView other) const {
  const bool right = is_ec(type_) ? other.size() == 2 * size_of(type_) + 1 && other[0] == 4
                                  : type_ == KeyType::x25519 && other.size() == size_of(type_);
  if (!right) return std::nullopt;
  const KeyHandle peer = public_key(type_, other);
  if (peer == nullptr) return std::nullopt;
  const Context context(EVP_PKEY_CTX_new(get(), nullptr));
  must(context != nullptr && EVP_PKEY_derive_init(context.get()) == 1);
  if (EVP_PKEY_derive_set_peer(context.get(), peer.get()) != 1) return std::nullopt;
  Bytes shared(size_of(type_));
  std::size_t size = shared.size();
  if (EVP_PKEY_derive(context.get(), shared.data(), &size) != 1 || size != shared.size())
    return std::nullopt;
  return shared;
}

}  // namespace countersign::virtual_card
