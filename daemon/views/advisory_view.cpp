// SPDX-License-Identifier: Apache-2.0
#include "daemon/views/advisory_view.h"

#include <algorithm>

#include "core/engine/enrollment/registration.h"
#include "core/engine/verification/fido2_credentials.h"

namespace countersign::routes {
namespace {

// Of U2F tokens it is zero, which says nothing.
std::optional<std::string> model_id(const devices::Fido2Info& fido2) {
  webauthn::Aaguid model{};
  if (fido2.aaguid.size() != model.size() ||
      std::ranges::all_of(fido2.aaguid, [](Byte each) { return each == 0; }))
    return std::nullopt;
  std::ranges::copy(fido2.aaguid, model.begin());
  return engine::to_text(model);
}

// The token takes the first of ours that it has.
std::optional<KeyAlgorithm> algorithm_of(const std::optional<devices::Fido2Info>& fido2) {
  if (!fido2) return std::nullopt;
  const auto first = std::ranges::find_if(engine::offered_algorithms, [&](std::int64_t each) {
    return std::ranges::find(fido2->algorithms, each) != fido2->algorithms.end();
  });
  return first != engine::offered_algorithms.end() ? key_algorithm_of(*first) : std::nullopt;
}

std::optional<KeyAlgorithm> algorithm_of(const crypto::PublicKey& key) {
  return key_algorithm_of(static_cast<std::int64_t>(key.algorithm()));
}

TokenFacts facts_of(const engine::KnownCredential& known) {
  const webauthn::Credential& credential = known.credential;
  TokenFacts facts{.vendor = credential.token.vendor,
                   .product = credential.token.product,
                   .firmware = credential.token.firmware};
  if (credential.aaguid != webauthn::Aaguid{}) facts.aaguid = engine::to_text(credential.aaguid);
  facts.circumstances = {{Circumstance::over_ble, std::ranges::find(credential.transports, "ble") !=
                                                      credential.transports.end()}};
  return facts;
}

}  // namespace

TokenFacts facts_of(const devices::Device& device, const std::optional<devices::Fido2Info>& fido2) {
  TokenFacts facts{.vendor = device.vendor, .product = device.product, .firmware = device.firmware};
  if (fido2) facts.aaguid = model_id(*fido2);
  facts.circumstances = {{Circumstance::over_ble, false}};  // no transport of ours
  return facts;
}

std::vector<api::AdvisoryView> advisories_of(const devices::Device& device,
                                             const std::optional<devices::Fido2Info>& fido2) {
  std::vector<api::AdvisoryView> views;
  for (const Finding& each :
       advisories_for(known_advisories(), facts_of(device, fido2), {}, {}, Assurance::usual))
    views.push_back({.id = std::string(each.id),
                     .verdict = std::string(to_name(each.verdict)),
                     .about = words_of(each)});
  return views;
}

std::vector<Finding> against_enrolling(const devices::Device& device,
                                       const std::optional<devices::Fido2Info>& fido2,
                                       Assurance assurance) {
  return advisories_for(known_advisories(), facts_of(device, fido2), TokenOperation::fido2_enroll,
                        algorithm_of(fido2), assurance);
}

std::optional<Finding> refused_at_verification(const devices::Device& device,
                                               const std::optional<devices::Fido2Info>& fido2,
                                               Assurance assurance) {
  for (const Finding& each :
       advisories_for(known_advisories(), facts_of(device, fido2), TokenOperation::fido2_verify,
                      algorithm_of(fido2), assurance))
    if (each.verdict == AdvisoryVerdict::refuse) return each;
  return std::nullopt;
}

Result<std::vector<engine::KeyAtRisk>> enrolled_at_risk(engine::Context& context,
                                                        Assurance assurance) {
  std::vector<engine::KeyAtRisk> risky;
  AuthenticatorFilter filter{.kind = Kind::fido2, .status = Status::active};
  while (true) {
    const auto page = TRY(context.store.authenticators(filter));
    for (const Authenticator& each : page) {
      const auto known = TRY(context.credentials.open(context.vault, each));
      for (const Finding& finding :
           advisories_for(known_advisories(), facts_of(*known), TokenOperation::fido2_verify,
                          algorithm_of(known->key), assurance))
        if (finding.verdict != AdvisoryVerdict::note)
          risky.push_back({each, std::string(finding.id) + ": " + words_of(finding)});
    }
    if (page.size() < filter.limit) return risky;
    filter.after = page.back().id;
  }
}

std::vector<Finding> against_card(const devices::Device& device, TokenOperation operation) {
  TokenFacts facts = facts_of(device, std::nullopt);
  facts.circumstances.emplace_back(Circumstance::fingerprinted_modulus,
                                   false);  // the engine looks at the modulus, and refuses
  return advisories_for(known_advisories(), facts, operation, {}, Assurance::usual);
}

std::vector<Finding> against_slots(const devices::Device& device, bool access_code) {
  TokenFacts facts = facts_of(device, std::nullopt);
  facts.circumstances.emplace_back(Circumstance::otp_access_code, access_code);
  return advisories_for(known_advisories(), facts, TokenOperation::otp, {}, Assurance::usual);
}

std::string words_of(const Finding& finding) {
  const std::string about(finding.about);
  return finding.certain ? about
                         : "It may be affected; what would tell, can't be read from it. " + about;
}

}  // namespace countersign::routes
