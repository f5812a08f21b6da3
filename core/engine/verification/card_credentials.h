// SPDX-License-Identifier: Apache-2.0
// What is kept of a card's key that is enrolled: the material of authenticators of kind piv and
// openpgp.
#pragma once

#include <string>
#include <vector>

#include "core/crypto/public_key.h"
#include "core/engine/context.h"

namespace countersign::engine {

struct CardCredential {
  Bytes public_key;   // SubjectPublicKeyInfo: the key that signatures are checked with
  Bytes certificate;  // as it was when enrolled; empty for OpenPGP
  std::string slot;   // "9a", "9e", "aut"
  std::string model;
  bool software = false;  // a software card: counts on demo stores only (T50)

  bool operator==(const CardCredential&) const = default;
};
[[nodiscard]] Bytes encode(const CardCredential& credential);
[[nodiscard]] Result<CardCredential> decode_card_credential(BytesView octets);
[[nodiscard]] Result<CardCredential> open_card(Context& context,
                                               const Authenticator& authenticator);

// Authenticator::handle of a card's key: SHA-256 of its SubjectPublicKeyInfo.
[[nodiscard]] Bytes card_handle_of(BytesView public_key);
// With the one algorithm that is taken for its type. invalid: of another type, size or curve, or a
// weak one (ROCA, T42).
[[nodiscard]] Result<crypto::PublicKey> card_key(BytesView public_key);

// What the card signs: a label that no other protocol uses, then the challenge.
[[nodiscard]] Bytes card_message(BytesView challenge);

// The handles of the user's active cards.
[[nodiscard]] std::vector<Bytes> card_handles(const Context& context, const UserRecord& record);
// Whether somebody's active card has this handle.
[[nodiscard]] bool is_enrolled_card(Context& context, const Bytes& handle);
// Whether a certificate alone may say who it is.
[[nodiscard]] bool named_by_certificates(const Context& context);

}  // namespace countersign::engine
