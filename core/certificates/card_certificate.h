// SPDX-License-Identifier: Apache-2.0
// Whether the certificate of a card may be relied on: RFC 5280 path and time, what it is for (FIPS
// 201, SP 800-73-4), the strength of its key, whether it was revoked. The signature over a
// challenge is checked elsewhere, with the key that is enrolled.
#pragma once

#include <string_view>

#include "core/base/enum_names.h"
#include "core/base/time.h"
#include "core/crypto/x509_revocation.h"

namespace countersign::certificates {

// Each is a reason of its own in verdicts.
enum class Refusal {
  unreadable_key,  // of a kind or size that is not taken: RSA below 2048 bits too
  roca,            // CVE-2017-15361
  wrong_usage,  // its key usage or extended key usage, or a CA's above it, says it is for something
                // else; or it is a CA's
  expired,      // it, or one above it
  not_yet_valid,
  unknown_ca,
  weak_signature,    // SHA-1 or a short key in the path
  outside_of_names,  // name constraints of a CA
  without_policy,    // none of the policies that are asked for
  broken_path,
  revoked,
  revocation_unknown,  // no list and no responder said anything that holds now
};

enum class RevocationRule {
  off,       // not asked
  if_known,  // revoked is refused, unknown is taken
  required,  // unknown is refused
};

struct CardPolicy {
  crypto::Certificates anchors, intermediates;
  // One of these has to be among the certificate's, if it has any.
  std::vector<std::string> extended_key_usages = {"1.3.6.1.5.5.7.3.2", "1.3.6.1.4.1.311.20.2.2",
                                                  "2.16.840.1.101.3.6.8"};
  bool extended_key_usage_required = false;  // a certificate without any is refused then
  std::vector<std::string> policies;         // as crypto::PathRules::policies
  RevocationRule revocation = RevocationRule::required;
};

struct Refused {
  Refusal why = Refusal::broken_path;
  std::string what;  // for people: which certificate, and what about it
};

// Judges the leaf for digital signatures; nothing is fetched. The path that holds, leaf first,
// anchor last.
[[nodiscard]] std::expected<crypto::Certificates, Refused> judge(
    const crypto::Certificate& leaf, const CardPolicy& policy,
    const crypto::RevocationEvidence& evidence, Time now);

// What could be fetched to know more about the path that the leaf has now; nothing when there is no
// path or the rule is off.
struct Wanted {
  crypto::Certificate certificate, issuer;
  std::vector<std::string> responders, lists;  // addresses
};
[[nodiscard]] std::vector<Wanted> wanted(const crypto::Certificate& leaf, const CardPolicy& policy,
                                         Time now);

// Whether its RSA key has the fingerprint of CVE-2017-15361; false for other keys.
[[nodiscard]] bool has_roca_key(const crypto::Certificate& certificate);

}  // namespace countersign::certificates

namespace countersign {
template <>
inline constexpr auto enum_names<certificates::Refusal> =
    std::to_array<EnumName<certificates::Refusal>>({
        {certificates::Refusal::unreadable_key, "certificate-key"},
        {certificates::Refusal::roca, "roca"},
        {certificates::Refusal::wrong_usage, "certificate-usage"},
        {certificates::Refusal::expired, "certificate-expired"},
        {certificates::Refusal::not_yet_valid, "certificate-not-yet-valid"},
        {certificates::Refusal::unknown_ca, "unknown-ca"},
        {certificates::Refusal::weak_signature, "certificate-weak"},
        {certificates::Refusal::outside_of_names, "certificate-names"},
        {certificates::Refusal::without_policy, "certificate-policy"},
        {certificates::Refusal::broken_path, "certificate-path"},
        {certificates::Refusal::revoked, "certificate-revoked"},
        {certificates::Refusal::revocation_unknown, "revocation-unknown"},
    });
template <>
inline constexpr auto enum_names<certificates::RevocationRule> =
    std::to_array<EnumName<certificates::RevocationRule>>({
        {certificates::RevocationRule::off, "off"},
        {certificates::RevocationRule::if_known, "if-known"},
        {certificates::RevocationRule::required, "required"},
    });
}  // namespace countersign
