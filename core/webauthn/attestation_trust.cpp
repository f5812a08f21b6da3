// SPDX-License-Identifier: Apache-2.0
#include "core/webauthn/attestation_trust.h"

#include <algorithm>

namespace countersign::webauthn {
namespace {

bool contains(const std::vector<Aaguid>& list, const Aaguid& aaguid) {
  return std::ranges::find(list, aaguid) != list.end();
}

crypto::Certificates anchors_for(const AttestationPolicy& policy, const MetadataEntry* entry) {
  crypto::Certificates anchors = policy.roots;
  if (entry != nullptr) anchors.insert(anchors.end(), entry->roots.begin(), entry->roots.end());
  return anchors;
}

// What the CAs have to permit where the leaf has to be for it.
std::vector<std::string> usages_of(AttestationFormat format) {
  if (format != AttestationFormat::tpm) return {};
  return {std::string(attestation_key_usage)};
}

// trusted or untrusted for certificates; why says what stands in the way.
Trust trust_of(const Attested& attested, const AttestationPolicy& policy,
               const MetadataEntry* entry, Time now, std::string& why) {
  switch (attested.type) {
    case AttestationType::none:
      why = "there is no attestation";
      return Trust::none;
    case AttestationType::self:
      why = "the credential attests itself";
      return Trust::self;
    case AttestationType::certified:
      break;
  }
  if (attested.certificates.empty()) return Trust::untrusted;
  const auto path = crypto::verify_path(attested.certificates.front(), attested.certificates,
                                        anchors_for(policy, entry),
                                        {.at = now, .usages = usages_of(attested.format)});
  if (!path) why = path.error().what;
  return path ? Trust::trusted : Trust::untrusted;
}

}  // namespace

std::optional<Trust> judge_trust(const Attested& attested, const Aaguid& aaguid,
                                 const AttestationPolicy& policy, Time now, Report& report) {
  const MetadataEntry* entry =
      policy.metadata != nullptr ? policy.metadata->find(aaguid, attested.certificates) : nullptr;
  std::string why;
  const Trust trust = trust_of(attested, policy, entry, now, why);
  const bool certified = attested.type == AttestationType::certified;
  // An AAGUID that no trusted attestation vouches for is only a claim: an allow list can't rest on
  // it.
  const bool must_be_trusted = !policy.allowed.empty() || policy.rule == AttestationRule::trusted ||
                               (policy.rule == AttestationRule::trusted_if_certified && certified);
  const StatusReport* compromise =
      entry != nullptr ? compromise_of(*entry, attested.certificates) : nullptr;
  const bool held =
      report.note(Step::attestation_type, certified || policy.rule != AttestationRule::trusted,
                  why) &&
      report.note(Step::attestation_path, trust == Trust::trusted || !must_be_trusted, why) &&
      report.note(Step::model, (policy.allowed.empty() || contains(policy.allowed, aaguid)) &&
                                   !contains(policy.denied, aaguid)) &&
      report.note(Step::model_status, compromise == nullptr,
                  compromise != nullptr ? compromise->status : std::string());
  for (const Step step :
       {Step::attestation_type, Step::attestation_path, Step::model, Step::model_status})
    if (!held || report.outcome(step) != Outcome::passed) return std::nullopt;
  return trust;
}

std::optional<Trust> judge_again(const Credential& credential, const AttestationPolicy& policy,
                                 Time registered, Report& report) {
  Attested attested;
  attested.format =
      from_name<AttestationFormat>(credential.attestation_format).value_or(AttestationFormat::none);
  attested.type = credential.trust == Trust::none   ? AttestationType::none
                  : credential.trust == Trust::self ? AttestationType::self
                                                    : AttestationType::certified;
  for (const Bytes& der : credential.attestation_certificates) {
    auto one = crypto::Certificate::parse(der);
    if (!one) {
      report.stop(Step::attestation_path, one.error().what);
      return std::nullopt;
    }
    attested.certificates.push_back(std::move(*one));
  }
  return judge_trust(attested, credential.aaguid, policy, registered, report);
}

}  // namespace countersign::webauthn
