// SPDX-License-Identifier: Apache-2.0
// The credential record (WebAuthn L3 §4): what is kept of a registration.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/enum_names.h"
#include "core/base/result.h"
#include "core/webauthn/authenticator_data.h"

namespace countersign::webauthn {

// How far an attestation is believed. untrusted: well made, but it leads to no given root.
enum class Trust { none, self, untrusted, trusted };

// The token that it was made on, as it presented itself at this machine: for advisories about its
// firmware. Nobody vouches for it.
struct PresentedToken {
  std::uint16_t vendor = 0;  // 0: not known, as of whatever a browser enrolled
  std::uint16_t product = 0;
  std::string firmware;  // empty: it does not tell
  bool operator==(const PresentedToken&) const = default;
};

struct Credential {
  Bytes id;          // 1 to 1023 octets
  Bytes public_key;  // COSE_Key; crypto::public_key_from_cose makes it usable, and the result is
                     // worth keeping
  Aaguid aaguid{};
  std::uint32_t counter = 0;     // as last seen; never goes down
  bool user_verified = false;    // at registration
  bool backup_eligible = false;  // for good
  bool backed_up = false;        // as last seen
  std::vector<std::string>
      transports;  // "usb", "nfc", "ble", "smart-card", "hybrid", "internal", or later ones
  std::string attestation_format;  // "none", "packed", ...
  Trust trust = Trust::none;
  std::vector<Bytes> attestation_certificates;  // DER, the attestation certificate first: so that
                                                // it can be judged again
  PresentedToken token;

  bool operator==(const Credential&) const = default;
};

// CBOR with a version in it, for Authenticator::material. Public: nothing in it is a secret.
[[nodiscard]] Bytes encode(const Credential& credential);
// Code::corrupt: not made by encode, or by a later version of it.
[[nodiscard]] Result<Credential> decode_credential(BytesView stored);

}  // namespace countersign::webauthn

namespace countersign {
template <>
inline constexpr auto enum_names<webauthn::Trust> =
    std::to_array<EnumName<webauthn::Trust>>({{webauthn::Trust::none, "none"},
                                              {webauthn::Trust::self, "self"},
                                              {webauthn::Trust::untrusted, "untrusted"},
                                              {webauthn::Trust::trusted, "trusted"}});
}  // namespace countersign
