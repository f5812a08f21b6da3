// SPDX-License-Identifier: Apache-2.0
// An assertion: the steps of WebAuthn L3 §7.2, after the browser or token has answered.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/crypto/public_key.h"
#include "core/webauthn/credential.h"
#include "core/webauthn/relying_party.h"
#include "core/webauthn/steps.h"

namespace countersign::webauthn {

// What came back. Views: they live as long as the call.
struct AuthenticationResponse {
  BytesView credential_id;
  BytesView client_data_json;
  BytesView authenticator_data;
  BytesView signature;
  std::optional<BytesView> user_handle;  // tokens may leave it out; some browsers say "" then
};

// What to do when the counter did not go up though it is in use (T27): somebody may have a copy of
// the key.
enum class CounterRule { warn, refuse };

struct AuthenticationExpectations {
  const RelyingParty& rp;
  BytesView challenge;
  const Credential& credential;    // the stored one that the response names
  const crypto::PublicKey& key;    // its key, parsed: kept by the caller
  std::span<const Bytes> allowed;  // the ids that were asked for; empty: any (discoverable)
  BytesView user_handle;           // of the user whose credential it is
  bool user_handle_needed =
      false;  // nobody was named before: the response has to say who it is (step 6)
  UserVerification user_verification = UserVerification::preferred;
  CounterRule counter_rule = CounterRule::warn;
};

struct AuthenticationJudgement {
  Report report;
  bool accepted = false;           // every step held
  bool counter_went_back = false;  // told whether it refuses or not
  // Only when accepted: what the stored record becomes.
  std::uint32_t counter = 0;  // the higher of stored and presented
  bool backed_up = false;
  bool user_verified = false;  // in this ceremony
};

[[nodiscard]] AuthenticationJudgement judge_authentication(
    const AuthenticationResponse& response, const AuthenticationExpectations& expected,
    Extent extent = Extent::first_failure);

}  // namespace countersign::webauthn
