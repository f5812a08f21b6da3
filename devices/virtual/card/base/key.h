// SPDX-License-Identifier: Apache-2.0
// A private key on the card, and the operations that a card does with it: on what the host has
// hashed and padded.
#pragma once

#include <optional>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/crypto/key_handle.h"

namespace countersign::virtual_card {

// The numbers are PIV's algorithm identifiers (SP 800-78-4 table 6-2, and YubiKey's for what is not
// in it).
enum class KeyType : Byte {
  rsa1024 = 0x06,
  rsa2048 = 0x07,
  rsa3072 = 0x05,
  rsa4096 = 0x16,
  p256 = 0x11,
  p384 = 0x14,
  ed25519 = 0xe0,
  x25519 = 0xe1
};

[[nodiscard]] std::optional<KeyType> key_type(Byte identifier);
[[nodiscard]] bool is_rsa(KeyType type);
[[nodiscard]] bool is_ec(KeyType type);  // P-256 and P-384
// Octets of an RSA modulus, of a curve's field elements, or of an Edwards or Montgomery key.
[[nodiscard]] std::size_t size_of(KeyType type);

// Move-only; one thread at a time.
class CardKey {
 public:
  [[nodiscard]] static CardKey generate(KeyType type);
  [[nodiscard]] static Result<CardKey> from_pkcs8(KeyType type,
                                                  BytesView der);  // corrupt: not such a key
  // invalid: p * q has another size, or they are no primes that go with e = 65537.
  [[nodiscard]] static Result<CardKey> from_primes(KeyType type, BytesView p, BytesView q);
  // A private scalar of a curve, or the seed of an Edwards or Montgomery key. invalid: out of
  // range.
  [[nodiscard]] static Result<CardKey> from_scalar(KeyType type, BytesView scalar);

  [[nodiscard]] KeyType type() const { return type_; }
  [[nodiscard]] Secret pkcs8() const { return crypto::to_pkcs8(key_.get()); }

  // RSA.
  [[nodiscard]] Bytes modulus() const;
  [[nodiscard]] Bytes exponent() const;
  // 04 | x | y, or 32 octets.
  [[nodiscard]] Bytes point() const;

  // The bare RSA operation; nothing when the input is not of the modulus' size or not below it.
  [[nodiscard]] std::optional<Bytes> rsa(BytesView block) const;
  // ECDSA over a digest, as DER. At most the field's size.
  [[nodiscard]] std::optional<Bytes> ecdsa(BytesView digest) const;
  [[nodiscard]] std::optional<Bytes> eddsa(BytesView message) const;
  // ECDH or X25519 with another public key; nothing when that is none of this curve.
  [[nodiscard]] std::optional<Bytes> agree(BytesView other) const;

  [[nodiscard]] evp_pkey_st* get() const { return key_.get(); }

 private:
  CardKey(KeyType type, crypto::KeyHandle key) : type_(type), key_(std::move(key)) {}

  KeyType type_;
  crypto::KeyHandle key_;
};

}  // namespace countersign::virtual_card
