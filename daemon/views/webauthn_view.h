// SPDX-License-Identifier: Apache-2.0
// WebAuthn's JSON (L3 §5.1, parseCreationOptionsFromJSON and toJSON) from and to what the engine
// takes.
#pragma once

#include "core/engine/enrollment/registration.h"
#include "core/engine/verification/begin.h"
#include "core/engine/verification/security_key.h"
#include "daemon/api/webauthn.h"

namespace countersign::routes {

[[nodiscard]] api::WebauthnCreation creation_options(engine::Context& context,
                                                     const engine::RegistrationOptions& options,
                                                     webauthn::Conveyance attestation);
[[nodiscard]] api::WebauthnRequest request_options(engine::Context& context,
                                                   const engine::AssertionOptions& options);

// id: of the challenge. invalid, naming the member, for what is no base64url.
[[nodiscard]] Result<engine::FinishRegistration> from_wire(
    const Caller& caller, const std::string& id, const api::RegistrationResponse& credential);
[[nodiscard]] Result<engine::FinishAssertion> from_wire(
    const Caller& caller, const std::string& id, const api::AuthenticationResponse& credential);

}  // namespace countersign::routes
