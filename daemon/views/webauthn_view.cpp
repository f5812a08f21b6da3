// SPDX-License-Identifier: Apache-2.0
#include "daemon/views/webauthn_view.h"

#include "core/encoding/base64url.h"

namespace countersign::routes {
namespace {

using formats::base64url;

// Octets of one member; the first that is none is what the error names.
class Octets {
 public:
  Bytes operator()(std::string_view name, const std::string& text) {
    Result<Bytes> octets = formats::base64url_decode(text);
    if (!octets && good_)
      good_ = fail(Code::invalid,
                   "field '" + std::string(name) + "' must be base64url without padding");
    return octets.value_or(Bytes());
  }
  [[nodiscard]] const Result<void>& good() const { return good_; }

 private:
  Result<void> good_;
};

std::int64_t milliseconds_until(Time expires, Time now) {
  return std::chrono::duration_cast<Milliseconds>(expires - now).count();
}

}  // namespace

api::WebauthnCreation creation_options(engine::Context& context,
                                       const engine::RegistrationOptions& options,
                                       webauthn::Conveyance attestation) {
  api::CreationOptions out{
      .rp = {.id = context.rules.fido2.rp.id, .name = context.rules.issuer},
      .user = {.id = base64url(options.user_handle),
               .name = options.user,
               .display_name = options.display_name},
      .challenge = base64url(options.challenge),
      .parameters = {},
      .timeout = milliseconds_until(options.expires, context.clock.read().now),
      .selection = {.resident_key = options.discoverable ? "required" : "discouraged",
                    .require_resident_key = options.discoverable,
                    .user_verification = options.uv},
      .attestation = attestation};
  for (const std::int64_t algorithm : engine::offered_algorithms)
    out.parameters.push_back({.alg = algorithm});
  for (const Bytes& id : options.exclude) out.exclude.push_back({.id = base64url(id)});
  return {.id = options.id, .public_key = std::move(out)};
}

api::WebauthnRequest request_options(engine::Context& context,
                                     const engine::AssertionOptions& options) {
  api::RequestOptions out{.challenge = base64url(options.challenge),
                          .timeout = milliseconds_until(options.expires, context.clock.read().now),
                          .rp_id = context.rules.fido2.rp.id,
                          .user_verification = options.uv};
  for (const auto& each : options.allowed)
    out.allow.push_back({.id = base64url(each.id), .transports = each.transports});
  return {.id = options.id, .verdict = {}, .reason = {}, .public_key = std::move(out)};
}

Result<engine::FinishRegistration> from_wire(const Caller& caller, const std::string& id,
                                             const api::RegistrationResponse& credential) {
  Octets octets;
  engine::FinishRegistration wanted{
      .caller = caller,
      .id = id,
      .client_data_json = octets("clientDataJSON", credential.response.client_data_json),
      .attestation_object = octets("attestationObject", credential.response.attestation_object),
      .transports = credential.response.transports.value_or(std::vector<std::string>()),
      .model = {}};
  if (!octets.good()) return std::unexpected(octets.good().error());
  return wanted;
}

Result<engine::FinishAssertion> from_wire(const Caller& caller, const std::string& id,
                                          const api::AuthenticationResponse& credential) {
  Octets octets;
  engine::FinishAssertion wanted{
      .caller = caller,
      .id = id,
      .credential_id = octets("rawId", credential.raw_id),
      .client_data_json = octets("clientDataJSON", credential.response.client_data_json),
      .authenticator_data = octets("authenticatorData", credential.response.authenticator_data),
      .signature = octets("signature", credential.response.signature),
      .user_handle = {}};
  if (credential.response.user_handle)
    wanted.user_handle = octets("userHandle", *credential.response.user_handle);
  if (!octets.good()) return std::unexpected(octets.good().error());
  return wanted;
}

}  // namespace countersign::routes
