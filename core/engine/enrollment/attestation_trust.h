// SPDX-License-Identifier: Apache-2.0
// Which security keys the organisation believes and wants: roots it imported, models it allows or
// denies, FIDO metadata.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/caller.h"
#include "core/engine/context.h"
#include "core/webauthn/attestation_trust.h"

namespace countersign::engine {

inline constexpr const char* attestation_setting = "attestation";
inline constexpr const char* metadata_setting = "fido-metadata";

// What an administrator sets, as it is stored. Certificates are DER.
struct AttestationRules {
  webauthn::AttestationRule rule = webauthn::AttestationRule::any;
  std::vector<Bytes> roots;           // of attestations; none are shipped
  std::vector<Bytes> metadata_roots;  // of the signers of metadata BLOBs
  std::vector<webauthn::Aaguid> allowed;
  std::vector<webauthn::Aaguid> denied;

  bool operator==(const AttestationRules&) const = default;
};

// As parsed and in force; immutable.
struct AttestationState {
  AttestationRules rules;
  std::shared_ptr<const webauthn::Metadata> metadata;  // may be none
  webauthn::AttestationPolicy policy;                  // of the above; points into metadata
};

// The state in force. Any thread.
class AttestationTrust {
 public:
  AttestationTrust() : state_(std::make_shared<const AttestationState>()) {}
  [[nodiscard]] std::shared_ptr<const AttestationState> now() const;
  void use(std::shared_ptr<const AttestationState> state);

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const AttestationState> state_;
};

// Reads both settings into Context::attestation: at start.
[[nodiscard]] Result<void> load_attestation(Context& context);

// In force when then runs. invalid: a root that is no certificate.
void set_attestation(Context& context, Caller caller, AttestationRules rules, Basis basis,
                     Then<std::monostate> then);

// A BLOB as the FIDO Metadata Service serves it; root (DER, may be empty) joins metadata_roots. The
// answer: how many models it knows. conflict: older than the one that is had; not_permitted: its
// signature or signer is not good.
struct ImportedMetadata {
  std::size_t entries = 0;
  std::int64_t number = 0;
  std::string next_update;
  bool overdue = false;
};
void import_metadata(Context& context, Caller caller, std::string blob, Bytes root,
                     Then<ImportedMetadata> then);

// Enrolled security keys that today's rules would refuse, with the reason of the step. Reads them
// all: for a worker thread.
struct KeyAtRisk {
  Authenticator authenticator;
  std::string reason;
};
[[nodiscard]] Result<std::vector<KeyAtRisk>> keys_at_risk(Context& context);

// AAGUIDs as people write them: 8-4-4-4-12 hexadecimal digits.
[[nodiscard]] std::string to_text(const webauthn::Aaguid& model);
[[nodiscard]] Result<webauthn::Aaguid> aaguid_from_text(std::string_view text);

}  // namespace countersign::engine
