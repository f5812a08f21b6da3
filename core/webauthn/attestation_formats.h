// SPDX-License-Identifier: Apache-2.0
// One function a format (WebAuthn L3 §8.2 to §8.8), and what they share. Each fills in what it
// found; whether all held, the report says.
#pragma once

#include "core/webauthn/attestation.h"

namespace countersign::webauthn {

void judge_packed(const AttestationInput& input, Attested& attested, Report& report);       // §8.2
void judge_tpm(const AttestationInput& input, Attested& attested, Report& report);          // §8.3
void judge_android_key(const AttestationInput& input, Attested& attested, Report& report);  // §8.4
void judge_fido_u2f(const AttestationInput& input, Attested& attested, Report& report);     // §8.6
void judge_none(const AttestationInput& input, Attested& attested, Report& report);         // §8.7
void judge_apple(const AttestationInput& input, Attested& attested, Report& report);        // §8.8

// The certificates of the member x5c, one to eight. Notes attestation_statement; nothing when they
// can't be read.
[[nodiscard]] std::optional<crypto::Certificates> take_certificates(const AttestationInput& input,
                                                                    Report& report);

// The same of a statement that always has them: puts them into the result and notes
// attestation_statement. The leaf's; null: they can't be read.
[[nodiscard]] const crypto::Certificate* certified_by(const AttestationInput& input,
                                                      Attested& attested, Report& report);

// The members alg and sig. Notes attestation_statement; nothing when they are missing.
struct Signed {
  std::int64_t algorithm = 0;
  BytesView signature;
};
[[nodiscard]] std::optional<Signed> take_signature(const AttestationInput& input, Report& report);

// Checks a signature by a certificate's key: notes attestation_algorithm and attestation_signature.
[[nodiscard]] bool judge_signature(const crypto::Certificate& certificate, const Signed& made,
                                   std::initializer_list<BytesView> message, Report& report);

// The key of the certificate is the credential's: notes attestation_key.
[[nodiscard]] bool judge_same_key(const crypto::Certificate& certificate,
                                  const AttestationInput& input, Report& report);

// Version 3 and not a CA (§8.2.1, §8.3.1): empty, or what is wrong.
[[nodiscard]] std::string wrong_with_leaf(const crypto::Certificate& certificate);

// If the certificate names an AAGUID (id-fido-gen-ce-aaguid, 1.3.6.1.4.1.45724.1.1.4), it is the
// authenticator data's: notes attestation_aaguid.
[[nodiscard]] bool judge_aaguid_extension(const crypto::Certificate& certificate,
                                          const AttestationInput& input, Report& report);

}  // namespace countersign::webauthn
