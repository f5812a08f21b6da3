// SPDX-License-Identifier: Apache-2.0
// Is an attestation believed, and is its model wanted? (WebAuthn L3 §7.1 steps 24 and 25; T28.)
#pragma once

#include <optional>
#include <vector>

#include "core/base/time.h"
#include "core/crypto/x509_path.h"
#include "core/webauthn/attestation.h"
#include "core/webauthn/credential.h"
#include "core/webauthn/metadata.h"
#include "core/webauthn/steps.h"

namespace countersign::webauthn {

enum class AttestationRule {
  any,                   // none and self are enough; certificates need not lead to a root
  trusted_if_certified,  // none and self are enough; certificates must lead to a root
  trusted,               // certificates, and they must lead to a root
};

struct AttestationPolicy {
  AttestationRule rule = AttestationRule::any;
  crypto::Certificates roots;  // that the organisation imported; for every model
  const Metadata* metadata =
      nullptr;  // roots for the models that it lists, and what is known against them; may be none
  std::vector<Aaguid>
      allowed;  // not empty: these models alone, and only where a trusted attestation says so
  std::vector<Aaguid> denied;
};

// The steps attestation_type to model_status. Nothing when one failed (in either extent).
[[nodiscard]] std::optional<Trust> judge_trust(const Attested& attested, const Aaguid& aaguid,
                                               const AttestationPolicy& policy, Time now,
                                               Report& report);

// The same for what was registered before, when roots, lists or metadata have changed. The report
// names what is wrong now. Certificates are judged by the time of registration: some are made for a
// few days, and their running out says nothing of the key.
[[nodiscard]] std::optional<Trust> judge_again(const Credential& credential,
                                               const AttestationPolicy& policy, Time registered,
                                               Report& report);

}  // namespace countersign::webauthn
