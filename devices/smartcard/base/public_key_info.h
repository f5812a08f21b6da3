// SPDX-License-Identifier: Apache-2.0
// Public keys of cards as SubjectPublicKeyInfo (RFC 5280 §4.1.2.7), and what a card is given to
// sign.
#pragma once

#include <optional>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace countersign::devices::smartcard {

// The keys that are taken. Others are not offered, whatever the card has.
enum class KeyType { rsa2048, rsa3072, rsa4096, p256, p384, ed25519 };
[[nodiscard]] std::string_view name_of(KeyType type);  // "RSA-2048", "P-256", "Ed25519"

// Of a certificate in DER: its subjectPublicKeyInfo, nothing else is looked at. Code::corrupt: no
// such thing in it.
[[nodiscard]] Result<Bytes> key_info_of(BytesView certificate);
// Nothing: a key of another type, size or curve.
[[nodiscard]] std::optional<KeyType> type_of(BytesView key_info);
// What the daemon finds a key by: SHA-256 of the SubjectPublicKeyInfo.
[[nodiscard]] Bytes handle_of(BytesView key_info);

// From a card that gives its key's numbers alone. modulus, exponent: big-endian; point: 04 || x ||
// y, or the octets of Ed25519.
[[nodiscard]] Bytes rsa_key_info(BytesView modulus, BytesView exponent);
[[nodiscard]] Bytes curve_key_info(KeyType type, BytesView point);

// The message's digest as DigestInfo for RSA (RFC 8017 §9.2, SHA-256), its digest for ECDSA
// (SHA-256, SHA-384 for P-384), itself for Ed25519.
[[nodiscard]] Bytes to_sign(KeyType type, BytesView message);
// The same, with PKCS #1 v1.5 padding up to the modulus for RSA: for cards that do the bare
// operation.
[[nodiscard]] Bytes to_sign_padded(KeyType type, BytesView message);

}  // namespace countersign::devices::smartcard
