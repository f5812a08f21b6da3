// SPDX-License-Identifier: Apache-2.0
// What a browser does between a relying party and a token, done by the daemon for tokens at this
// machine: client data, the request to the token, and the response in WebAuthn's form (WebAuthn L3
// §5.1.3, §5.1.4).
#pragma once

#include <optional>
#include <string>

#include "core/engine/enrollment/registration.h"
#include "core/engine/verification/begin.h"
#include "core/engine/verification/security_key.h"
#include "daemon/tokens/operation.h"

namespace countersign::tokens {

struct Fido2Ceremony {
  Way way;
  std::string client_data_json;
};

[[nodiscard]] Fido2Ceremony assertion_ceremony(const webauthn::RelyingParty& rp,
                                               const engine::AssertionOptions& options);
[[nodiscard]] Fido2Ceremony registration_ceremony(const webauthn::RelyingParty& rp,
                                                  const std::string& rp_name,
                                                  const engine::RegistrationOptions& options);

// The token's answer for the engine; nothing when the reader answered something else.
[[nodiscard]] std::optional<engine::FinishAssertion> assertion_response(
    const Fido2Ceremony& ceremony, const reader::Reply& reply);
// conveyance none: the statement is left out, so that nothing of the token's batch is kept.
[[nodiscard]] std::optional<engine::FinishRegistration> registration_response(
    const Fido2Ceremony& ceremony, const Outcome& outcome, webauthn::Conveyance conveyance);

}  // namespace countersign::tokens
