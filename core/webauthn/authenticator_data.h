// SPDX-License-Identifier: Apache-2.0
// Authenticator data (WebAuthn L3 §6.1): what an authenticator says and signs.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/crypto/hash.h"
#include "core/encoding/cbor.h"

namespace countersign::webauthn {

using Aaguid = std::array<Byte, 16>;  // names a model; all zero: none said

inline constexpr std::size_t longest_authenticator_data = 16 * 1024;  // octets
inline constexpr std::size_t longest_credential_id = 1023;            // octets

struct Flags {
  Byte bits = 0;
  [[nodiscard]] bool user_present() const { return (bits & 0x01U) != 0; }
  [[nodiscard]] bool user_verified() const { return (bits & 0x04U) != 0; }
  [[nodiscard]] bool backup_eligible() const { return (bits & 0x08U) != 0; }
  [[nodiscard]] bool backed_up() const { return (bits & 0x10U) != 0; }
  [[nodiscard]] bool attested() const { return (bits & 0x40U) != 0; }
  [[nodiscard]] bool extensions() const { return (bits & 0x80U) != 0; }
};

struct AttestedCredential {
  Aaguid aaguid{};
  Bytes id;          // 1 to 65535 octets: whether it is too long is a step of its own
  Bytes public_key;  // COSE_Key as it came
};

struct AuthenticatorData {
  crypto::Sha256 rp_id_hash{};
  Flags flags;
  std::uint32_t counter = 0;
  std::optional<AttestedCredential> credential;
  formats::cbor::Value extensions;  // null: none
};

// Code::corrupt: too long, cut off, something after its end, or parts that are not CBOR maps.
// Reserved flags are passed over.
[[nodiscard]] Result<AuthenticatorData> parse_authenticator_data(BytesView data);

}  // namespace countersign::webauthn
