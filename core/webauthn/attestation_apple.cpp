// SPDX-License-Identifier: Apache-2.0
// Apple's anonymous attestation (WebAuthn L3 §8.8).
#include <algorithm>

#include "core/crypto/hash.h"
#include "core/encoding/der.h"
#include "core/webauthn/attestation_formats.h"

namespace countersign::webauthn {
namespace {

namespace der = formats::der;

constexpr std::string_view nonce_extension = "1.2.840.113635.100.8.2";

// SEQUENCE { [1] EXPLICIT OCTET STRING }
std::optional<BytesView> nonce_in(BytesView extension) {
  const auto outer = der::read_inside(extension);
  if (!outer || outer->size() != 1 || !outer->front().is_context(1)) return std::nullopt;
  const auto inner = der::read(outer->front().content);
  if (!inner || inner->size() != 1 || !inner->front().is(der::octet_string)) return std::nullopt;
  return inner->front().content;
}

}  // namespace

void judge_apple(const AttestationInput& input, Attested& attested, Report& report) {
  const crypto::Certificate* certified = certified_by(input, attested, report);
  if (certified == nullptr) return;
  const crypto::Certificate& leaf = *certified;
  const auto extension = leaf.extension(nonce_extension);
  const auto nonce = extension ? nonce_in(extension->value) : std::nullopt;
  if (!report.note(Step::attestation_certificate, nonce.has_value(),
                   "the certificate has no nonce of Apple's attestation") ||
      !nonce)
    return;
  const crypto::Sha256 expected =
      crypto::sha256({input.authenticator_data, input.client_data_hash});
  (void)(report.note(Step::attestation_binding, std::ranges::equal(*nonce, expected),
                     "the certificate's nonce is of another registration") &&
         judge_same_key(leaf, input, report));
}

}  // namespace countersign::webauthn
