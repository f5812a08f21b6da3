// SPDX-License-Identifier: Apache-2.0
#include "devices/virtual/key/pin_protocol.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <memory>

#include "core/crypto/hash.h"
#include "core/crypto/hmac.h"
#include "core/crypto/kdf.h"
#include "core/crypto/openssl.h"
#include "core/crypto/system_random.h"

namespace countersign::virtual_key {
namespace {

using crypto::must;
using formats::cbor::Value;

constexpr std::size_t block = 16;
constexpr std::size_t half = 32;  // of protocol two's secret

// AES-256-CBC without padding.
void run_cipher(bool encrypting, BytesView key, BytesView iv, BytesView in, std::span<Byte> out) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  must(context != nullptr && EVP_CipherInit_ex(context.get(), EVP_aes_256_cbc(), nullptr,
                                               key.data(), iv.data(), encrypting ? 1 : 0) == 1);
  must(EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1);
  int size = 0;
  must(EVP_CipherUpdate(context.get(), out.data(), &size, in.data(), static_cast<int>(in.size())) ==
       1);
  int rest = 0;
  must(EVP_CipherFinal_ex(context.get(), out.data() + size, &rest) == 1);
}

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

// libcrypto holds the point to the curve's equation (SP 800-56A §5.6.2.3.3).
Key peer_key(BytesView x, BytesView y) {
  std::array<Byte, 65> point{4};
  std::ranges::copy(x, point.begin() + 1);
  std::ranges::copy(y, point.begin() + 33);
  char group[] = "P-256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      OSSL_PARAM_construct_end()};
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr), &EVP_PKEY_CTX_free);
  EVP_PKEY* key = nullptr;
  must(context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1);
  if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY,
                        const_cast<OSSL_PARAM*>(parameters)) != 1)
    key = nullptr;
  return {key, &EVP_PKEY_free};
}

// The x coordinate of the shared point.
std::optional<Secret> agree(EVP_PKEY* own, EVP_PKEY* peer) {
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new(own, nullptr), &EVP_PKEY_CTX_free);
  must(context != nullptr && EVP_PKEY_derive_init(context.get()) == 1);
  if (EVP_PKEY_derive_set_peer(context.get(), peer) != 1) return std::nullopt;
  Secret z(32);
  std::size_t size = z.size();
  if (EVP_PKEY_derive(context.get(), z.expose_mutable().data(), &size) != 1 || size != z.size())
    return std::nullopt;
  return z;
}

// kdf(Z) of §6.5.6 and §6.5.7. HKDF without a salt is HKDF with 32 zeros (RFC 5869 §2.2).
Secret derive(PinProtocol protocol, const Secret& z) {
  if (protocol == PinProtocol::one) return Secret(BytesView(crypto::sha256(z.expose())));
  const Secret hmac_key = crypto::hkdf(z, "CTAP2 HMAC key", half);
  const Secret aes_key = crypto::hkdf(z, "CTAP2 AES key", half);
  Secret both(2 * half);
  std::ranges::copy(hmac_key.expose(), both.expose_mutable().begin());
  std::ranges::copy(aes_key.expose(), both.expose_mutable().begin() + half);
  return both;
}

}  // namespace

std::optional<PinProtocol> pin_protocol(std::int64_t number) {
  if (number != 1 && number != 2) return std::nullopt;
  return static_cast<PinProtocol>(number);
}

bool pin_verify(PinProtocol protocol, BytesView key, BytesView message, BytesView signature) {
  // Protocol two's shared secret begins with its HMAC key; a token has 32 octets in both.
  const Secret tag = crypto::hmac_sha256(key.first(half), message);
  return equal_constant_time(protocol == PinProtocol::one ? tag.expose().first(16) : tag.expose(),
                             signature);
}

Bytes SharedSecret::encrypt(BytesView plain) const {
  must(plain.size() % block == 0);
  const std::size_t header = protocol_ == PinProtocol::one ? 0 : block;
  Bytes out(header + plain.size());
  std::array<Byte, block> iv{};
  if (header != 0) {
    crypto::SystemRandom().fill(iv);
    std::ranges::copy(iv, out.begin());
  }
  run_cipher(true, key_.expose().last(half), iv, plain, std::span(out).subspan(header));
  return out;
}

std::optional<Secret> SharedSecret::decrypt(BytesView cipher) const {
  std::array<Byte, block> iv{};
  if (protocol_ == PinProtocol::two) {
    if (cipher.size() < block) return std::nullopt;
    std::ranges::copy(cipher.first(block), iv.begin());
    cipher = cipher.subspan(block);
  }
  if (cipher.empty() || cipher.size() % block != 0) return std::nullopt;
  Secret plain(cipher.size());
  run_cipher(false, key_.expose().last(half), iv, cipher, plain.expose_mutable());
  return plain;
}

bool SharedSecret::verify(BytesView message, BytesView signature) const {
  return pin_verify(protocol_, key_.expose(), message, signature);
}

Value KeyAgreement::cose_public() const {
  const Bytes point = key_.point();
  const BytesView view = point;
  return Value::map(
      {{1, 2}, {3, -25}, {-1, 1}, {-2, view.subspan(1, 32)}, {-3, view.subspan(33, 32)}});
}

std::optional<SharedSecret> KeyAgreement::decapsulate(PinProtocol protocol,
                                                      const Value& peer) const {
  const Bytes* const x = peer.bytes_at(-2);
  const Bytes* const y = peer.bytes_at(-3);
  if (peer.integer_at(1) != 2 || peer.integer_at(-1) != 1 || x == nullptr || y == nullptr ||
      x->size() != 32 || y->size() != 32)
    return std::nullopt;
  const Key key = peer_key(*x, *y);
  if (key == nullptr) return std::nullopt;
  const std::optional<Secret> z = agree(key_.get(), key.get());
  if (!z) return std::nullopt;
  return SharedSecret(protocol, derive(protocol, *z));
}

}  // namespace countersign::virtual_key
