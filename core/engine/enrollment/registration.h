// SPDX-License-Identifier: Apache-2.0
// Binding a security key, in two steps: options with a challenge, and what the token or browser
// made of them (WebAuthn L3 §7.1).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/caller.h"
#include "core/engine/context.h"
#include "core/engine/grounds/grounds.h"

namespace countersign::engine {

// What we ask for, best first (COSE). Tokens have the first few; browsers may have the others too.
inline constexpr std::array<std::int64_t, 6> offered_algorithms = {-7, -8, -257, -35, -36, -53};

struct BeginRegistration {
  Caller caller;
  std::string user;
  std::string label;
  bool discoverable = false;
  webauthn::UserVerification uv = webauthn::UserVerification::preferred;
  Grounds grounds = {};  // on what it is bound
};

struct RegistrationOptions {
  std::string id;  // of the challenge
  Bytes challenge;
  Bytes user_handle;
  std::string user, display_name;
  std::vector<Bytes> exclude;  // credentials that the user has
  webauthn::UserVerification uv = webauthn::UserVerification::preferred;
  bool discoverable = false;
  Time expires{};
};
void begin_registration(Context& context, BeginRegistration request,
                        Then<RegistrationOptions> then);

struct FinishRegistration {
  Caller caller;
  std::string id;
  Bytes client_data_json;
  Bytes attestation_object;
  std::vector<std::string> transports;
  std::string model;  // of the token at this machine, for the record; empty: a browser's
  std::vector<std::string> advisories = {};  // that warn of it, for the record
  webauthn::PresentedToken token = {};       // the same one
};
// invalid: a step failed; the text begins with its name. exists: somebody has that credential.
// not_found: no such challenge.
void finish_registration(Context& context, FinishRegistration request, Then<AuthenticatorId> then);

// Nothing will come of it.
void abandon_registration(Context& context, const Caller& caller, const std::string& id);

}  // namespace countersign::engine
