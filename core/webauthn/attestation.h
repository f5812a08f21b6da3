// SPDX-License-Identifier: Apache-2.0
// Attestation statements (WebAuthn L3 §6.5, §8): is the statement what its format asks for? Whether
// it is believed is another question: attestation_trust.h.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "core/base/bytes.h"
#include "core/base/enum_names.h"
#include "core/base/result.h"
#include "core/crypto/public_key.h"
#include "core/crypto/x509_path.h"
#include "core/encoding/cbor.h"
#include "core/webauthn/authenticator_data.h"
#include "core/webauthn/steps.h"

namespace countersign::webauthn {

inline constexpr std::size_t longest_attestation_object = 64 * 1024;  // octets

// tcg-kp-AIKCertificate, of a TPM's certificate.
inline constexpr std::string_view attestation_key_usage = "2.23.133.8.3";

enum class AttestationFormat { none, packed, tpm, android_key, fido_u2f, apple };

}  // namespace countersign::webauthn

namespace countersign {
// WebAuthn Attestation Statement Format Identifiers (IANA).
template <>
inline constexpr auto enum_names<webauthn::AttestationFormat> =
    std::to_array<EnumName<webauthn::AttestationFormat>>({
        {webauthn::AttestationFormat::none, "none"},
        {webauthn::AttestationFormat::packed, "packed"},
        {webauthn::AttestationFormat::tpm, "tpm"},
        {webauthn::AttestationFormat::android_key, "android-key"},
        {webauthn::AttestationFormat::fido_u2f, "fido-u2f"},
        {webauthn::AttestationFormat::apple, "apple"},
    });
}  // namespace countersign

namespace countersign::webauthn {

struct AttestationObject {
  std::string format;
  formats::cbor::Value statement;  // a map
  Bytes authenticator_data;
};
// Code::corrupt: too long, not CBOR, or a member is missing or of another type. Members beyond the
// three are passed over.
[[nodiscard]] Result<AttestationObject> parse_attestation_object(BytesView cbor);

// §6.5.3: self: signed with the credential's own key; certified: by a key that certificates stand
// for.
enum class AttestationType { none, self, certified };

// What a statement that was judged good says.
struct Attested {
  AttestationFormat format = AttestationFormat::none;
  AttestationType type = AttestationType::none;
  crypto::Certificates
      certificates;  // as they came, the attestation certificate first; none unless certified

  // A U2F signature covers no AAGUID (§8.6): whatever model the authenticator data names, it is
  // unknown.
  [[nodiscard]] bool tells_model() const { return format != AttestationFormat::fido_u2f; }
};

// What a statement is judged against.
struct AttestationInput {
  const formats::cbor::Value& statement;
  BytesView authenticator_data;
  const AuthenticatorData& parsed;          // has its credential
  const crypto::PublicKey& credential_key;  // of the credential
  BytesView client_data_hash;
};

// The steps attestation_format to attestation_properties. Nothing when one failed.
[[nodiscard]] std::optional<Attested> judge_attestation(std::string_view format,
                                                        const AttestationInput& input,
                                                        Report& report);

}  // namespace countersign::webauthn
