// SPDX-License-Identifier: Apache-2.0
// Authenticator extension outputs (WebAuthn L3 §9.5, CTAP 2.1 §12), as far as they are judged.
#pragma once

#include <cstdint>
#include <string>

#include "core/encoding/cbor.h"

namespace countersign::webauthn {

// What a registration asked for. Protection levels are CTAP 2.1 §12.1: 1 optional, 2 with a
// credential list, 3 required; 0: not asked.
struct ExtensionsAsked {
  std::int64_t credential_protection = 0;  // at least that
};

// Authenticators may answer what nobody asked (WebAuthn L3 §7.1 step 21): unknown outputs are
// passed over, known ones must be of their type, and what was asked for must be there. Empty when
// all is well, else what is wrong, for people.
[[nodiscard]] std::string wrong_with_extensions(const formats::cbor::Value& outputs,
                                                const ExtensionsAsked& asked);

}  // namespace countersign::webauthn
