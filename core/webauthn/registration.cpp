// SPDX-License-Identifier: Apache-2.0
#include "core/webauthn/registration.h"

#include <algorithm>

#include "core/crypto/cose.h"
#include "core/crypto/hash.h"
#include "core/webauthn/client_data.h"
#include "core/webauthn/flags.h"

namespace countersign::webauthn {
namespace {

constexpr std::size_t most_transports = 8;
constexpr std::size_t longest_transport = 32;

std::vector<std::string> plain_transports(const std::vector<std::string>& said) {
  std::vector<std::string> kept;
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  for (const std::string& one : said)
    if (kept.size() < most_transports && !one.empty() && one.size() <= longest_transport &&
        std::ranges::all_of(one, plain))
      kept.push_back(one);
  return kept;
}

Credential credential_of(const AuthenticatorData& data, const RegistrationResponse& response) {
  return {.id = data.credential->id,
          .public_key = data.credential->public_key,
          .aaguid = data.credential->aaguid,
          .counter = data.counter,
          .user_verified = data.flags.user_verified(),
          .backup_eligible = data.flags.backup_eligible(),
          .backed_up = data.flags.backed_up(),
          .transports = plain_transports(response.transports)};
}

// The attestation object's parts; nothing when they can't be read.
struct Parts {
  AttestationObject object;
  AuthenticatorData data;
};
std::optional<Parts> take_apart(BytesView attestation_object, Report& report) {
  auto object = parse_attestation_object(attestation_object);
  if (!object) {
    report.stop(Step::attestation_object, object.error().what);
    return std::nullopt;
  }
  (void)report.note(Step::attestation_object, true);
  auto data = parse_authenticator_data(object->authenticator_data);
  if (!data || !data->credential) {
    report.stop(Step::authenticator_data,
                data ? "the authenticator data brings no credential" : data.error().what);
    return std::nullopt;
  }
  (void)report.note(Step::authenticator_data, true);
  return Parts{std::move(*object), std::move(*data)};
}

// Steps 20 and 21: the key, and what else came with it. Nothing when the key can't be used.
std::optional<crypto::PublicKey> judge_key(const AuthenticatorData& data,
                                           const RegistrationExpectations& expected,
                                           Report& report) {
  auto key = crypto::public_key_from_cose(data.credential->public_key);
  if (!key) {
    // An algorithm that nobody knows is one that nobody asked for: that is the reason people can do
    // something about.
    const auto map = formats::cbor::parse(data.credential->public_key);
    const auto number = map ? map->integer_at(3) : std::nullopt;
    report.stop(
        number && !crypto::signature_algorithm(*number) ? Step::algorithm : Step::public_key,
        key.error().what);
    return std::nullopt;
  }
  const auto asked = [&](std::int64_t number) {
    return expected.algorithms.empty() ||
           std::ranges::find(expected.algorithms, number) != expected.algorithms.end();
  };
  const std::string wrong = wrong_with_extensions(data.extensions, expected.extensions);
  if (!report.note(Step::public_key, true) ||
      !report.note(Step::algorithm, asked(static_cast<std::int64_t>(key->algorithm()))) ||
      !report.note(Step::extensions, wrong.empty(), wrong))
    return std::nullopt;
  return std::move(*key);
}

// Steps 22 to 25.
void judge_statement(const Parts& parts, const crypto::PublicKey& key, BytesView client_data_hash,
                     const RegistrationExpectations& expected, Credential& credential,
                     Report& report) {
  const AttestationInput input{parts.object.statement, parts.object.authenticator_data, parts.data,
                               key, client_data_hash};
  const auto attested = judge_attestation(parts.object.format, input, report);
  if (!attested) return;
  if (!attested->tells_model()) credential.aaguid = {};
  const auto trust =
      judge_trust(*attested, credential.aaguid, expected.attestation, expected.now, report);
  credential.attestation_format = to_name(attested->format);
  credential.trust = trust.value_or(Trust::untrusted);
  for (const crypto::Certificate& one : attested->certificates)
    credential.attestation_certificates.push_back(one.der());
}

void judge(const RegistrationResponse& response, const RegistrationExpectations& expected,
           RegistrationJudgement& out) {
  Report& report = out.report;
  if (!judge_client_data(response.client_data_json, type_create, expected.challenge, expected.rp,
                         report))
    return;
  const crypto::Sha256 client_data_hash = crypto::sha256(response.client_data_json);
  const auto parts = take_apart(response.attestation_object, report);
  if (!parts) return;
  const FlagRules rules{.rp_id = expected.rp.id,
                        .user_presence = expected.user_presence,
                        .user_verification = expected.user_verification};
  if (!judge_flags(parts->data, rules, report)) return;
  out.refused = credential_of(parts->data, response);
  const auto key = judge_key(parts->data, expected, report);
  if (key) judge_statement(*parts, *key, client_data_hash, expected, *out.refused, report);
  if (!report.clean() && report.extent() == Extent::first_failure) return;
  const Bytes& id = parts->data.credential->id;
  if (!report.note(Step::credential_id_length, id.size() <= longest_credential_id)) return;
  if (!report.note(Step::credential_id_new, !expected.registered || !expected.registered(id)))
    return;
  // Reached only by the way through every step above; each has to have been judged, and to have
  // held.
  for (const StepText& text : step_texts()) {
    const bool optional = text.step >= Step::attestation_algorithm &&
                          text.step <= Step::attestation_properties;  // as the format has them
    if (!text.registration.empty() && !optional && report.outcome(text.step) != Outcome::passed)
      return;
  }
  if (report.clean()) out.credential = std::move(*out.refused);
}

}  // namespace

RegistrationJudgement judge_registration(const RegistrationResponse& response,
                                         const RegistrationExpectations& expected, Extent extent) {
  RegistrationJudgement out{.report = Report(extent)};
  judge(response, expected, out);
  if (out.credential || extent == Extent::first_failure) out.refused.reset();
  return out;
}

}  // namespace countersign::webauthn
