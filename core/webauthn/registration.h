// SPDX-License-Identifier: Apache-2.0
// Registration of a credential: the steps of WebAuthn L3 §7.1, after the browser or token has
// answered.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/webauthn/attestation_trust.h"
#include "core/webauthn/credential.h"
#include "core/webauthn/extensions.h"
#include "core/webauthn/relying_party.h"
#include "core/webauthn/steps.h"

namespace countersign::webauthn {

// What came back. Views: they live as long as the call.
struct RegistrationResponse {
  BytesView client_data_json;
  BytesView attestation_object;
  std::vector<std::string> transports;  // unsigned; kept as they are when they are short and plain
};

struct RegistrationExpectations {
  const RelyingParty& rp;
  BytesView challenge;
  UserVerification user_verification = UserVerification::preferred;
  bool user_presence = true;  // false: the request had mediation "conditional" (step 15)
  std::vector<std::int64_t>
      algorithms;  // COSE numbers that were asked for; empty: all that are known
  AttestationPolicy attestation;
  ExtensionsAsked extensions;
  // Whether somebody has that credential id already (step 27). None: the caller sees to it when it
  // stores.
  std::function<bool(BytesView id)> registered;
  Time now;  // at which certificates have to be valid
};

struct RegistrationJudgement {
  Report report;
  std::optional<Credential> credential;  // only when every step held: what to store
  std::optional<Credential>
      refused;  // Extent::all: what it would have been, for people to look at; never to be stored
};

[[nodiscard]] RegistrationJudgement judge_registration(const RegistrationResponse& response,
                                                       const RegistrationExpectations& expected,
                                                       Extent extent = Extent::first_failure);

}  // namespace countersign::webauthn
