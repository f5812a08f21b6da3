// SPDX-License-Identifier: Apache-2.0
#include "daemon/tokens/fido2_client.h"

#include <algorithm>

#include "core/crypto/hash.h"
#include "core/encoding/cbor.h"
#include "core/webauthn/client.h"
#include "core/webauthn/client_data.h"

namespace countersign::tokens {
namespace {

namespace cbor = formats::cbor;

// This machine's prompts speak for the relying party itself.
const std::string& origin_of(const webauthn::RelyingParty& rp) { return rp.origins.front(); }

std::string client_data(std::string_view type, const Bytes& challenge,
                        const webauthn::RelyingParty& rp) {
  return webauthn::build_client_data(
      {.type = type, .challenge = challenge, .origin = origin_of(rp)});
}

Bytes hash_of(const std::string& json) {
  const crypto::Sha256 digest = crypto::sha256(as_bytes(json));
  return {digest.begin(), digest.end()};
}

Bytes octets_of(const std::string& json) {
  const BytesView octets = as_bytes(json);
  return {octets.begin(), octets.end()};
}

}  // namespace

Fido2Ceremony assertion_ceremony(const webauthn::RelyingParty& rp,
                                 const engine::AssertionOptions& options) {
  Fido2Ceremony ceremony{.client_data_json =
                             client_data(webauthn::type_get, options.challenge, rp)};
  reader::Fido2Get get{.rp_id = rp.id,
                       .client_data_hash = hash_of(ceremony.client_data_json),
                       .allowed = {},
                       .uv = options.uv};
  for (const auto& each : options.allowed) get.allowed.push_back(each.id);
  if (!get.allowed.empty()) {
    ceremony.way.preflight = reader::Fido2Holds{.rp_id = rp.id, .credentials = get.allowed};
    // Credentials under the third level of credProtect don't show themselves without a PIN
    // (CTAP 2.1 §12.1).
    ceremony.way.may_hide = true;
    ceremony.way.needs = {devices::Capability::fido2, devices::Capability::u2f};
  } else {
    ceremony.way.needs = {devices::Capability::fido2};
  }
  ceremony.way.request = std::move(get);
  return ceremony;
}

Fido2Ceremony registration_ceremony(const webauthn::RelyingParty& rp, const std::string& rp_name,
                                    const engine::RegistrationOptions& options) {
  Fido2Ceremony ceremony{.client_data_json =
                             client_data(webauthn::type_create, options.challenge, rp)};
  reader::Fido2Make make{
      .rp_id = rp.id,
      .rp_name = rp_name,
      .client_data_hash = hash_of(ceremony.client_data_json),
      .user_handle = options.user_handle,
      .user_name = options.user,
      .user_display_name = options.display_name,
      .algorithms = {engine::offered_algorithms.begin(), engine::offered_algorithms.end()},
      .exclude = options.exclude,
      .discoverable = options.discoverable,
      .uv = options.uv};
  ceremony.way.request = std::move(make);
  ceremony.way.needs = {devices::Capability::fido2};
  if (!options.discoverable && options.uv != webauthn::UserVerification::required)
    ceremony.way.needs.insert(devices::Capability::u2f);
  return ceremony;
}

std::optional<engine::FinishAssertion> assertion_response(const Fido2Ceremony& ceremony,
                                                          const reader::Reply& reply) {
  const auto* got = std::get_if<reader::Fido2Got>(&reply);
  if (got == nullptr || got->assertions.empty()) return std::nullopt;
  // Of several accounts on the token the newest comes first (CTAP 2.1 §6.2.2).
  const reader::Fido2Assertion& first = got->assertions.front();
  engine::FinishAssertion response{.caller = {},
                                   .id = {},
                                   .credential_id = first.credential,
                                   .client_data_json = octets_of(ceremony.client_data_json),
                                   .authenticator_data = first.authenticator_data,
                                   .signature = first.signature,
                                   .user_handle = {}};
  if (!first.user_handle.empty()) response.user_handle = first.user_handle;
  return response;
}

std::optional<engine::FinishRegistration> registration_response(const Fido2Ceremony& ceremony,
                                                                const Outcome& outcome,
                                                                webauthn::Conveyance conveyance) {
  const auto* made = std::get_if<reader::Fido2Made>(&outcome.reply);
  if (made == nullptr) return std::nullopt;
  Result<cbor::Value> statement = cbor::parse(made->statement);
  if (!statement) return std::nullopt;
  const bool bare = conveyance == webauthn::Conveyance::none;
  const cbor::Value object =
      cbor::Value::map({{"fmt", bare ? std::string("none") : made->format},
                        {"attStmt", bare ? cbor::Value::map({}) : std::move(*statement)},
                        {"authData", made->authenticator_data}});
  return engine::FinishRegistration{
      .caller = {},
      .id = {},
      .client_data_json = octets_of(ceremony.client_data_json),
      .attestation_object = cbor::encode(object),
      .transports = {outcome.device.transport == devices::Transport::nfc ? "nfc" : "usb"},
      .model = outcome.device.model};
}

}  // namespace countersign::tokens
