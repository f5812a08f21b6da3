// SPDX-License-Identifier: Apache-2.0
// FIDO U2F attestation (WebAuthn L3 §8.6; FIDO U2F Raw Message Formats 1.2 §4.3).
#include "core/webauthn/attestation_formats.h"

namespace countersign::webauthn {

void judge_fido_u2f(const AttestationInput& input, Attested& attested, Report& report) {
  const Bytes* signature = input.statement.bytes_at("sig");
  if (signature == nullptr)
    return report.stop(Step::attestation_statement, "sig is missing, or of another type");
  auto certificates = take_certificates(input, report);
  if (!certificates) return;
  if (!report.note(Step::attestation_statement, certificates->size() == 1,
                   "x5c holds more than one certificate"))
    return;
  attested.type = AttestationType::certified;
  attested.certificates = std::move(*certificates);
  const crypto::Certificate& leaf = attested.certificates.front();
  constexpr auto es256 = crypto::SignatureAlgorithm::es256;
  const auto leaf_key = leaf.public_key(es256);
  if (!report.note(Step::attestation_certificate, leaf_key.has_value(),
                   "the attestation certificate's key is not on P-256") ||
      !leaf_key)
    return;
  const auto point = input.credential_key.point();
  if (!report.note(Step::attestation_key, input.credential_key.algorithm() == es256,
                   "the credential's key is not on P-256") ||
      !point)
    return;
  const Byte reserved = 0x00, uncompressed = 0x04;
  const bool good = leaf_key->verify({{&reserved, 1},
                                      input.parsed.rp_id_hash,
                                      input.client_data_hash,
                                      input.parsed.credential->id,
                                      {&uncompressed, 1},
                                      point->x,
                                      point->y},
                                     *signature);
  (void)report.note(Step::attestation_signature, good);
}

}  // namespace countersign::webauthn
