// SPDX-License-Identifier: Apache-2.0
// The steps of WebAuthn Level 3 §7.1 (registration) and §7.2 (authentication) that can fail, each
// with its own reason.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"

namespace countersign::webauthn {

// In the order in which they are judged.
enum class Step : Byte {
  credential_allowed,
  user_handle,
  client_data,
  type,
  challenge,
  origin,
  cross_origin,
  top_origin,
  attestation_object,
  authenticator_data,
  rp_id,
  user_present,
  user_verified,
  backup_flags,
  backup_eligibility,
  public_key,
  algorithm,
  extensions,
  attestation_format,
  attestation_statement,
  attestation_algorithm,
  attestation_signature,
  attestation_certificate,
  attestation_aaguid,
  attestation_key,
  attestation_binding,
  attestation_properties,
  attestation_type,
  attestation_path,
  model,
  model_status,
  credential_id_length,
  credential_id_new,
  signature,
  counter,
};
inline constexpr std::size_t step_count = static_cast<std::size_t>(Step::counter) + 1;

struct StepText {
  Step step;
  std::string_view reason;  // why it is refused: stable, for receipts, records and programs
  std::string_view
      registration;  // the section and step of the standard; empty: not part of a registration
  std::string_view authentication;  // empty: not part of an authentication
  std::string_view about;           // what holds when it passed, for people
};
// All of them, in order.
[[nodiscard]] const std::array<StepText, step_count>& step_texts();
[[nodiscard]] const StepText& text_of(Step step);
[[nodiscard]] inline std::string_view reason_of(Step step) { return text_of(step).reason; }

enum class Outcome : Byte { not_reached, passed, warned, failed };

// What the person can do about it, where that is more than trying again; empty: nothing is known.
[[nodiscard]] std::string_view advice_on(std::string_view reason);

// How much is judged: up to the first step that fails, or as much as can be (to tell people all
// that is wrong).
enum class Extent : Byte { first_failure, all };

// What became of each step. A step that is judged in several parts passes when all of them hold.
class Report {
 public:
  explicit Report(Extent extent = Extent::first_failure) : extent_(extent) {}

  // Notes a part of a step. Whether the judgement goes on: true when it held, or when all is to be
  // judged.
  [[nodiscard]] bool note(Step step, bool held, std::string_view why = {});
  // A failure that ends the judgement, because nothing further can be looked at.
  void stop(Step step, std::string why);
  // Something that is told but does not refuse.
  void warn(Step step, std::string why);

  [[nodiscard]] Outcome outcome(Step step) const {
    return outcomes_[static_cast<std::size_t>(step)];
  }
  // The first that failed, in the order of judging; nothing when none did.
  [[nodiscard]] std::optional<Step> refused() const;
  [[nodiscard]] bool clean() const { return !first_; }
  // What was wrong with it, for people; empty when nothing was, or nothing more than the step's
  // text says.
  [[nodiscard]] std::string_view why(Step step) const;
  [[nodiscard]] Extent extent() const { return extent_; }

 private:
  struct Remark {
    Step step;
    std::string why;
  };

  std::array<Outcome, step_count> outcomes_{};
  std::vector<Remark> remarks_;
  std::optional<Step> first_;
  Extent extent_;
};

}  // namespace countersign::webauthn
