// SPDX-License-Identifier: Apache-2.0
// What a card's issuer does to its PIV application (SP 800-73-4 Part 2 §3.3), and YubiKey's
// attestation and change of the management key.
#pragma once

#include <optional>

#include "core/crypto/block_cipher.h"
#include "devices/smartcard/base/apdu.h"
#include "devices/smartcard/base/public_key_info.h"

namespace countersign::devices::smartcard::piv {

// As GENERATE takes them; 0: the slot's own.
struct Policies {
  Byte pin = 0;    // 1 never, 2 once, 3 always
  Byte touch = 0;  // 1 never, 2 always, 3 cached
};

// For one turn, with the application selected. Each answer is the card's; a Loss is the turn's end.
class Management {
 public:
  explicit Management(Apdus& apdus) : apdus_(apdus) {}

  // GENERAL AUTHENTICATE with 9B, mutually: the card has to prove that it has the key, too. random:
  // block-size octets that nobody could foresee. The status; wrong keys are 6982, and cost nothing.
  [[nodiscard]] std::expected<Status, Loss> authenticate(crypto::BlockCipher cipher,
                                                         const Secret& key, BytesView random);
  // Which cipher the management key is for, and whether it is the factory's. Nothing: the card does
  // not tell.
  struct Key {
    crypto::BlockCipher cipher = crypto::BlockCipher::triple_des;
    bool factory = false;
  };
  [[nodiscard]] std::expected<std::optional<Key>, Loss> key();
  // Whether a PIN (80) or PUK (81) is the factory's. Nothing: the card does not tell.
  [[nodiscard]] std::expected<std::optional<bool>, Loss> is_factory(Byte reference);

  // A new key in the slot, whatever was there; its SubjectPublicKeyInfo. Policies other than 0 are
  // YubiKey's.
  [[nodiscard]] std::expected<Response, Loss> generate(Byte slot, KeyType type, Policies policies);
  // YubiKey's: a certificate (DER) that says the slot's key was made on this card.
  [[nodiscard]] std::expected<Response, Loss> attest(Byte slot);
  // And the certificate (DER) of the key that signs this; empty: the card does not show it.
  [[nodiscard]] std::expected<Bytes, Loss> attester();
  // What stands within tag 53.
  [[nodiscard]] std::expected<Status, Loss> put(std::uint32_t tag, BytesView content);
  [[nodiscard]] std::expected<Status, Loss> set_key(crypto::BlockCipher cipher, const Secret& key);

 private:
  Apdus& apdus_;
};

// The numbers that cards have for keys (SP 800-78-4 table 6-2; 16 and E0 are YubiKey's).
[[nodiscard]] Byte algorithm_of(KeyType type);
[[nodiscard]] std::optional<KeyType> type_named(std::string_view name);

// Certificate object: 70, 71, FE (SP 800-73-4 Part 1 table 15).
[[nodiscard]] Bytes certificate_object(BytesView certificate);

}  // namespace countersign::devices::smartcard::piv
