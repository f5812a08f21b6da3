// SPDX-License-Identifier: Apache-2.0
// WebAuthn for browsers, in the JSON forms of WebAuthn L3 §5.1.8 to §5.1.10: what
// PublicKeyCredential.parseCreationOptionsFromJSON and parseRequestOptionsFromJSON take, and what
// toJSON gives. Octets are base64url.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/secret.h"
#include "core/base/time.h"
#include "core/factors/typed_code.h"
#include "core/webauthn/relying_party.h"
#include "daemon/api/codec/field.h"

namespace countersign::api {

struct CredentialDescriptor {
  std::string type = "public-key", id;
  std::vector<std::string> transports;
  static Fields fields() {
    return {Field{"type", &CredentialDescriptor::type, "public-key"},
            Field{"id", &CredentialDescriptor::id, "Of the credential", 1400},
            Field{"transports", &CredentialDescriptor::transports, "How it can be reached"}};
  }
};

struct RelyingPartyEntity {
  std::string id, name;
  static Fields fields() {
    return {Field{"id", &RelyingPartyEntity::id, "RP ID"},
            Field{"name", &RelyingPartyEntity::name, "For people"}};
  }
};

struct UserEntity {
  std::string id, name, display_name;
  static Fields fields() {
    return {Field{"id", &UserEntity::id, "User handle"},
            Field{"name", &UserEntity::name, "Name of the user"},
            Field{"displayName", &UserEntity::display_name, "The user's full name"}};
  }
};

struct CredentialParameters {
  std::string type = "public-key";
  std::int64_t alg = 0;
  static Fields fields() {
    return {Field{"type", &CredentialParameters::type, "public-key"},
            Field{"alg", &CredentialParameters::alg, "COSE algorithm"}};
  }
};

struct AuthenticatorSelection {
  std::string resident_key;
  bool require_resident_key = false;
  webauthn::UserVerification user_verification = webauthn::UserVerification::preferred;
  static Fields fields() {
    return {Field{"residentKey", &AuthenticatorSelection::resident_key, "required, or discouraged"},
            Field{"requireResidentKey", &AuthenticatorSelection::require_resident_key,
                  "The same, for older browsers"},
            Field{"userVerification", &AuthenticatorSelection::user_verification,
                  "required, preferred, discouraged"}};
  }
};

struct CreationOptions {
  RelyingPartyEntity rp;
  UserEntity user;
  std::string challenge;
  std::vector<CredentialParameters> parameters;
  std::int64_t timeout = 0;
  std::vector<CredentialDescriptor> exclude;
  AuthenticatorSelection selection;
  webauthn::Conveyance attestation = webauthn::Conveyance::none;
  static Fields fields() {
    return {Field{"rp", &CreationOptions::rp, "Who asks"},
            Field{"user", &CreationOptions::user, "For whom"},
            Field{"challenge", &CreationOptions::challenge, "32 octets"},
            Field{"pubKeyCredParams", &CreationOptions::parameters,
                  "Algorithms, best first: ES256, EdDSA, RS256, ES384, ES512, Ed448; not ML-DSA"},
            Field{"timeout", &CreationOptions::timeout, "Milliseconds"},
            Field{"excludeCredentials", &CreationOptions::exclude, "What the user has"},
            Field{"authenticatorSelection", &CreationOptions::selection,
                  "What is asked of the authenticator"},
            Field{"attestation", &CreationOptions::attestation, "none, indirect, direct"}};
  }
};

struct WebauthnRegister {
  std::string user;
  std::optional<std::string> label;
  std::optional<bool> discoverable;
  std::optional<webauthn::UserVerification> uv;
  std::optional<webauthn::Conveyance> attestation;
  std::optional<Secret> code;
  static Fields fields() {
    return {
        Field{"user", &WebauthnRegister::user, "Name of the user", 128},
        Field{"label", &WebauthnRegister::label, "A name for this key"},
        Field{"discoverable", &WebauthnRegister::discoverable,
              "A passkey: it says by itself who it is"},
        Field{"uv", &WebauthnRegister::uv,
              "User verification: required, preferred (default), discouraged"},
        Field{"attestation", &WebauthnRegister::attestation, "none (default), indirect, direct"},
        Field{"code", &WebauthnRegister::code,
              "Users who enrol themselves: a code of an authenticator they have",
              longest_typed_code}};
  }
};

struct WebauthnCreation {
  std::string id;
  CreationOptions public_key;
  static Fields fields() {
    return {
        Field{"id", &WebauthnCreation::id, "Of this registration: the response is sent under it"},
        Field{"publicKey", &WebauthnCreation::public_key,
              "PublicKeyCredentialCreationOptionsJSON"}};
  }
};

struct AttestationResponse {
  std::string client_data_json, attestation_object;
  std::optional<std::vector<std::string>> transports;
  static constexpr bool further_members = true;
  static Fields fields() {
    return {Field{"clientDataJSON", &AttestationResponse::client_data_json, "What the browser said",
                  24'000},
            Field{"attestationObject", &AttestationResponse::attestation_object,
                  "What the authenticator said", 90'000},
            Field{"transports", &AttestationResponse::transports, "How it can be reached", 16}};
  }
};

struct RegistrationResponse {
  std::string id, raw_id, type;
  AttestationResponse response;
  static constexpr bool further_members =
      true;  // clientExtensionResults, authenticatorAttachment, and what later levels add
  static Fields fields() {
    return {
        Field{"id", &RegistrationResponse::id, "Of the credential", 1400},
        Field{"rawId", &RegistrationResponse::raw_id, "The same", 1400},
        Field{"type", &RegistrationResponse::type, "public-key"},
        Field{"response", &RegistrationResponse::response, "AuthenticatorAttestationResponseJSON"}};
  }
};

struct WebauthnRegistered {
  std::string id;
  RegistrationResponse credential;
  static Fields fields() {
    return {Field{"id", &WebauthnRegistered::id, "Of the registration", 64},
            Field{"credential", &WebauthnRegistered::credential,
                  "RegistrationResponseJSON, as PublicKeyCredential.toJSON gives it"}};
  }
};

struct RequestOptions {
  std::string challenge;
  std::int64_t timeout = 0;
  std::string rp_id;
  std::vector<CredentialDescriptor> allow;
  webauthn::UserVerification user_verification = webauthn::UserVerification::preferred;
  static Fields fields() {
    return {Field{"challenge", &RequestOptions::challenge, "32 octets"},
            Field{"timeout", &RequestOptions::timeout, "Milliseconds"},
            Field{"rpId", &RequestOptions::rp_id, "RP ID"},
            Field{"allowCredentials", &RequestOptions::allow, "Of the user; empty: whoever it is"},
            Field{"userVerification", &RequestOptions::user_verification,
                  "required, preferred, discouraged"}};
  }
};

struct WebauthnAuthenticate {
  std::optional<std::string> user, service;
  std::optional<webauthn::UserVerification> uv;
  static Fields fields() {
    return {Field{"user", &WebauthnAuthenticate::user,
                  "Name of the user; absent: the passkey says who (verifiers)", 128},
            Field{"service", &WebauthnAuthenticate::service, "What the user wants to get into", 64},
            Field{"uv", &WebauthnAuthenticate::uv,
                  "User verification: required, preferred (default), discouraged"}};
  }
};

// Begun; or denied at once, and recorded: verdict and reason are there then, and nothing else.
struct WebauthnRequest {
  std::optional<std::string> id, verdict, reason;
  std::optional<RequestOptions> public_key;
  static Fields fields() {
    return {
        Field{"id", &WebauthnRequest::id, "Of this authentication: the response is sent under it"},
        Field{"publicKey", &WebauthnRequest::public_key, "PublicKeyCredentialRequestOptionsJSON"},
        Field{"verdict", &WebauthnRequest::verdict,
              "denied: the user is unknown, suspended, or has no security key"},
        Field{"reason", &WebauthnRequest::reason, "Why"}};
  }
};

struct AssertionResponse {
  std::string client_data_json, authenticator_data, signature;
  std::optional<std::string> user_handle;
  static constexpr bool further_members = true;
  static Fields fields() {
    return {Field{"clientDataJSON", &AssertionResponse::client_data_json, "What the browser said",
                  24'000},
            Field{"authenticatorData", &AssertionResponse::authenticator_data,
                  "What the authenticator said", 24'000},
            Field{"signature", &AssertionResponse::signature, "Over both", 4096},
            Field{"userHandle", &AssertionResponse::user_handle,
                  "Who it is, of discoverable credentials", 128}};
  }
};

struct AuthenticationResponse {
  std::string id, raw_id, type;
  AssertionResponse response;
  static constexpr bool further_members = true;
  static Fields fields() {
    return {
        Field{"id", &AuthenticationResponse::id, "Of the credential", 1400},
        Field{"rawId", &AuthenticationResponse::raw_id, "The same", 1400},
        Field{"type", &AuthenticationResponse::type, "public-key"},
        Field{"response", &AuthenticationResponse::response, "AuthenticatorAssertionResponseJSON"}};
  }
};

struct WebauthnAuthenticated {
  std::string id;
  std::optional<std::string> service;
  AuthenticationResponse credential;
  static Fields fields() {
    return {Field{"id", &WebauthnAuthenticated::id, "Of the authentication", 64},
            Field{"service", &WebauthnAuthenticated::service, "The same as when it was begun", 64},
            Field{"credential", &WebauthnAuthenticated::credential,
                  "AuthenticationResponseJSON, as PublicKeyCredential.toJSON gives it"}};
  }
};

}  // namespace countersign::api
