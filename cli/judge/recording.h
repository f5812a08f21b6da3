// SPDX-License-Identifier: Apache-2.0
// A recorded WebAuthn ceremony, as people write it into a file (countersign(1), debug webauthn):
//   {"rpId":"example.org","origin":"https://example.org","topOrigin":?,"allowCrossOrigin":?,"userVerification":?,
//    "attestationRoots":[...]?,
//    "registration":{"challenge":..,"clientDataJSON":..,"attestationObject":..},
//    "authentication":{"challenge":..,"authenticatorData":..,"clientDataJSON":..,"signature":..}?}
// Octets are base64url or hex; roots are certificates, in PEM too.
#pragma once

#include <optional>
#include <string_view>

#include "core/crypto/x509_path.h"
#include "core/webauthn/relying_party.h"

namespace countersign::judge {

inline constexpr std::size_t longest_recording = 1024 * 1024;  // octets

struct Recording {
  webauthn::RelyingParty rp;
  webauthn::UserVerification user_verification = webauthn::UserVerification::preferred;
  std::optional<crypto::Certificates> roots;  // nothing: no attestation has to lead anywhere
  struct {
    Bytes challenge, client_data, attestation_object;
  } registration;
  struct Authentication {
    Bytes challenge, authenticator_data, client_data, signature;
  };
  std::optional<Authentication> authentication;
};

// Code::invalid, with the member's name, when it is not of that form; unknown members too, because
// they are misspelt ones.
[[nodiscard]] Result<Recording> parse_recording(std::string_view json);

}  // namespace countersign::judge
