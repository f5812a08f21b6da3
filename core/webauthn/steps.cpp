// SPDX-License-Identifier: Apache-2.0
#include "core/webauthn/steps.h"

#include <utility>

namespace countersign::webauthn {

const std::array<StepText, step_count>& step_texts() {
  // Numbers are those of the W3C's 2025 text of Level 3.
  static constexpr std::array<StepText, step_count> texts = {{
      {Step::credential_allowed, "credential-not-allowed", "", "7.2 step 5",
       "the credential is one that was asked for"},
      {Step::user_handle, "wrong-user-handle", "", "7.2 step 6",
       "the credential is the user's own"},
      {Step::client_data, "client-data-malformed", "7.1 steps 5-6", "7.2 steps 8-9",
       "the client data is JSON of the expected form"},
      {Step::type, "wrong-type", "7.1 step 7", "7.2 step 10", "it is for this kind of ceremony"},
      {Step::challenge, "wrong-challenge", "7.1 step 8", "7.2 step 11",
       "the challenge is the one that was sent"},
      {Step::origin, "wrong-origin", "7.1 step 9", "7.2 step 12",
       "the origin is one of this relying party"},
      {Step::cross_origin, "cross-origin", "7.1 steps 10-11", "7.2 steps 13-14",
       "it was not made inside a foreign page, or that is permitted"},
      {Step::top_origin, "wrong-top-origin", "7.1 step 11", "7.2 step 14",
       "the page around it is one that may embed this relying party"},
      {Step::attestation_object, "attestation-object-malformed", "7.1 step 13", "",
       "the attestation object is CBOR with fmt, attStmt and authData"},
      {Step::authenticator_data, "authenticator-data-malformed", "7.1 step 13, 6.1",
       "7.2 step 7, 6.1", "the authenticator data is whole"},
      {Step::rp_id, "wrong-rp-id", "7.1 step 14", "7.2 step 15",
       "the authenticator answered for this RP ID"},
      {Step::user_present, "user-not-present", "7.1 step 15", "7.2 step 16",
       "a person was present"},
      {Step::user_verified, "user-not-verified", "7.1 step 16", "7.2 step 17",
       "the authenticator verified its user, if that is required"},
      {Step::backup_flags, "backup-flags-contradict", "7.1 step 17", "7.2 step 18",
       "a credential that is backed up is one that may be"},
      {Step::backup_eligibility, "backup-eligibility-changed", "", "7.2 step 19",
       "whether it may be backed up is as it was at registration (if not, the key has to be "
       "enrolled again)"},
      {Step::public_key, "public-key-unusable", "7.1 step 13, 6.5.1.1", "",
       "the public key is a key of its algorithm"},
      {Step::algorithm, "unrequested-algorithm", "7.1 step 20", "",
       "the algorithm is one that was asked for"},
      {Step::extensions, "unexpected-extension-output", "7.1 step 21", "7.2 step 20",
       "extension outputs are of their types, and what was asked for"},
      {Step::attestation_format, "attestation-format-unknown", "7.1 step 22", "",
       "the attestation statement is of a known format"},
      {Step::attestation_statement, "attestation-malformed", "7.1 step 23, 8.2-8.8", "",
       "the attestation statement has the members of its format"},
      {Step::attestation_algorithm, "attestation-wrong-algorithm", "7.1 step 23, 8.2-8.4, 8.6", "",
       "the attestation's algorithm fits its key"},
      {Step::attestation_signature, "attestation-bad-signature", "7.1 step 23, 8.2-8.4, 8.6", "",
       "the attestation's signature is good"},
      {Step::attestation_certificate, "attestation-certificate-unfit",
       "7.1 step 23, 8.2.1, 8.3.1, 8.6", "", "the attestation certificate is one for attestation"},
      {Step::attestation_aaguid, "attestation-wrong-aaguid", "7.1 step 23, 8.2, 8.3", "",
       "the attestation is for this AAGUID"},
      {Step::attestation_key, "attestation-wrong-key", "7.1 step 23, 8.3, 8.4, 8.6, 8.8", "",
       "the attested key is the credential's"},
      {Step::attestation_binding, "attestation-wrong-binding", "7.1 step 23, 8.3, 8.4, 8.8", "",
       "the attestation was made for this very registration"},
      {Step::attestation_properties, "attestation-key-properties", "7.1 step 23, 8.4", "",
       "the attested key was made in the device, for signing, for one application"},
      {Step::attestation_type, "attestation-type-not-accepted", "7.1 step 25", "",
       "this type of attestation (or none) is enough"},
      {Step::attestation_path, "attestation-untrusted", "7.1 steps 24-25", "",
       "the attestation chains to a given root, if that is required"},
      {Step::model, "authenticator-not-allowed", "7.1 step 25", "",
       "this model is on the allow list, and not on the deny list"},
      {Step::model_status, "authenticator-compromised", "7.1 step 25, FIDO MDS 3.1.4", "",
       "the metadata does not call this model compromised or revoked"},
      {Step::credential_id_length, "credential-id-too-long", "7.1 step 26", "",
       "the credential id has at most 1023 octets"},
      {Step::credential_id_new, "credential-already-registered", "7.1 step 27", "",
       "the credential is nobody's yet"},
      {Step::signature, "bad-signature", "", "7.2 steps 21-22",
       "the signature is the credential's, over this very answer"},
      {Step::counter, "counter-went-back", "", "7.2 step 23",
       "the signature counter went up, or is not used"},
  }};
  return texts;
}

const StepText& text_of(Step step) { return step_texts()[static_cast<std::size_t>(step)]; }

std::string_view advice_on(std::string_view reason) {
  if (reason == reason_of(Step::backup_eligibility))
    return "Whether this key may be synced to other devices is not what it was at its enrolment. "
           "Enroll it again, then revoke the old entry";
  return {};
}

bool Report::note(Step step, bool held, std::string_view why) {
  Outcome& outcome = outcomes_[static_cast<std::size_t>(step)];
  if (held) {
    if (outcome == Outcome::not_reached) outcome = Outcome::passed;
    return true;
  }
  stop(step, std::string(why));
  return extent_ == Extent::all;
}

void Report::stop(Step step, std::string why) {
  outcomes_[static_cast<std::size_t>(step)] = Outcome::failed;
  if (!first_) first_ = step;
  if (!why.empty()) remarks_.push_back({step, std::move(why)});
}

void Report::warn(Step step, std::string why) {
  outcomes_[static_cast<std::size_t>(step)] = Outcome::warned;
  if (!why.empty()) remarks_.push_back({step, std::move(why)});
}

std::optional<Step> Report::refused() const { return first_; }

std::string_view Report::why(Step step) const {
  for (const Remark& remark : remarks_)
    if (remark.step == step) return remark.why;
  return {};
}

}  // namespace countersign::webauthn
