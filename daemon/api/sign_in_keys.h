// SPDX-License-Identifier: Apache-2.0
// A browser's security key or passkey within a sign-in: what lets in, and what is bound where the
// decision is enroll.
#pragma once

#include <optional>
#include <string>

#include "daemon/api/codec/field.h"
#include "daemon/api/webauthn.h"

namespace countersign::api {

struct SignInAuthenticated {
  std::string id, challenge;
  std::optional<bool> remember;
  AuthenticationResponse credential;
  static Fields fields() {
    return {Field{"id", &SignInAuthenticated::id, "Id of the sign-in", 64},
            Field{"challenge", &SignInAuthenticated::challenge,
                  "The id that its beginning answered", 64},
            Field{"remember", &SignInAuthenticated::remember,
                  "false: the machine does not become recognized (not on this computer)"},
            Field{"credential", &SignInAuthenticated::credential,
                  "AuthenticationResponseJSON, as PublicKeyCredential.toJSON gives it"}};
  }
};

struct SignInRegister {
  std::string id;
  std::optional<std::string> label;
  std::optional<bool> discoverable;
  std::optional<webauthn::Conveyance> attestation;
  static Fields fields() {
    return {Field{"id", &SignInRegister::id, "Id of the sign-in", 64},
            Field{"label", &SignInRegister::label, "A name for this key"},
            Field{"discoverable", &SignInRegister::discoverable,
                  "A passkey: it says by itself who it is"},
            Field{"attestation", &SignInRegister::attestation, "none (default), indirect, direct"}};
  }
};

struct SignInRegistered {
  std::string id, challenge;
  std::optional<bool> remember;
  RegistrationResponse credential;
  static Fields fields() {
    return {
        Field{"id", &SignInRegistered::id, "Id of the sign-in", 64},
        Field{"challenge", &SignInRegistered::challenge, "The id that its beginning answered", 64},
        Field{"remember", &SignInRegistered::remember,
              "false: the machine does not become recognized (not on this computer)"},
        Field{"credential", &SignInRegistered::credential,
              "RegistrationResponseJSON, as PublicKeyCredential.toJSON gives it"}};
  }
};

}  // namespace countersign::api
