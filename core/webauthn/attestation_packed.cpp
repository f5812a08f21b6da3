// SPDX-License-Identifier: Apache-2.0
// Packed attestation (WebAuthn L3 §8.2), with a certificate or with the credential's own key.
#include <algorithm>

#include "core/webauthn/attestation_formats.h"

namespace countersign::webauthn {
namespace {

// §8.2.1. Object identifiers of X.520: C 2.5.4.6, O 2.5.4.10, OU 2.5.4.11, CN 2.5.4.3.
std::string wrong_with_certificate(const crypto::Certificate& certificate) {
  if (auto wrong = wrong_with_leaf(certificate); !wrong.empty()) return wrong;
  const auto attributes = certificate.subject_attributes();
  const auto has = [&](std::string_view oid, auto good) {
    return std::ranges::any_of(attributes, [&](const auto& attribute) {
      return attribute.oid == oid && good(attribute.text);
    });
  };
  const auto any = [](const std::string& text) { return !text.empty(); };
  if (!has("2.5.4.6", [](const std::string& text) { return text.size() == 2; }))
    return "the attestation certificate's subject has no country of two letters";
  if (!has("2.5.4.10", any) || !has("2.5.4.3", any))
    return "the attestation certificate's subject has no organisation or common name";
  if (!has("2.5.4.11", [](const std::string& text) { return text == "Authenticator Attestation"; }))
    return "the attestation certificate's subject is not of the unit \"Authenticator Attestation\"";
  return {};
}

void judge_self(const AttestationInput& input, const Signed& made, Attested& attested,
                Report& report) {
  attested.type = AttestationType::self;
  const bool same = made.algorithm == static_cast<std::int64_t>(input.credential_key.algorithm());
  if (!report.note(Step::attestation_algorithm, same,
                   "a self attestation is of another algorithm than its credential"))
    return;
  (void)report.note(Step::attestation_signature,
                    input.credential_key.verify({input.authenticator_data, input.client_data_hash},
                                                made.signature));
}

}  // namespace

void judge_packed(const AttestationInput& input, Attested& attested, Report& report) {
  const auto made = take_signature(input, report);
  if (!made) return;
  if (input.statement.find("x5c") == nullptr) {
    if (report.note(Step::attestation_statement, true)) judge_self(input, *made, attested, report);
    return;
  }
  auto certificates = take_certificates(input, report);
  if (!certificates) return;
  attested.type = AttestationType::certified;
  attested.certificates = std::move(*certificates);
  const crypto::Certificate& leaf = attested.certificates.front();
  const std::string wrong = wrong_with_certificate(leaf);
  (void)(report.note(Step::attestation_statement, true) &&
         judge_signature(leaf, *made, {input.authenticator_data, input.client_data_hash}, report) &&
         report.note(Step::attestation_certificate, wrong.empty(), wrong) &&
         judge_aaguid_extension(leaf, input, report));
}

}  // namespace countersign::webauthn
