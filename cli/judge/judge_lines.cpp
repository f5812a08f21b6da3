// SPDX-License-Identifier: Apache-2.0
#include "cli/judge/judge_lines.h"

#include "core/base/text.h"
#include "core/crypto/cose.h"
#include "core/webauthn/authentication.h"
#include "core/webauthn/registration.h"

namespace countersign::judge {
namespace {

using namespace webauthn;

void member(std::string& out, std::string_view name, std::string_view text) {
  out += out.empty() || out.back() == '\n' ? '{' : ',';
  append_json_string(out, name);
  out += ':';
  append_json_string(out, text);
}

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::not_reached:
      return "not-judged";
    case Outcome::passed:
      return "passed";
    case Outcome::warned:
      return "warned";
    case Outcome::failed:
      return "failed";
  }
  std::unreachable();
}

void append_steps(std::string& out, std::string_view ceremony, std::string_view StepText::* section,
                  const Report& report) {
  for (const StepText& text : step_texts()) {
    const Outcome outcome = report.outcome(text.step);
    const bool of_some_formats =
        text.step >= Step::attestation_algorithm && text.step <= Step::attestation_properties;
    if ((text.*section).empty() || (of_some_formats && outcome == Outcome::not_reached)) continue;
    member(out, "ceremony", ceremony);
    member(out, "step", text.reason);
    member(out, "section", text.*section);
    member(out, "about", text.about);
    member(out, "outcome", name_of(outcome));
    member(out, "why", report.why(text.step));
    out += "}\n";
  }
}

std::string_view result_of(bool accepted, const Report& report) {
  if (accepted) return "accepted";
  return report.refused() ? reason_of(*report.refused()) : std::string_view("not-judged");
}

// Against what the registration brought, accepted or not; nothing can be judged without its key.
AuthenticationJudgement judge_with(const Recording& recording,
                                   const std::optional<Credential>& credential) {
  const Recording::Authentication& said = *recording.authentication;
  const auto key =
      credential ? crypto::public_key_from_cose(credential->public_key) : fail(Code::invalid, "");
  if (!key) return {.report = Report(Extent::all)};
  return judge_authentication(
      {credential->id, said.client_data, said.authenticator_data, said.signature, std::nullopt},
      {.rp = recording.rp,
       .challenge = said.challenge,
       .credential = *credential,
       .key = *key,
       .user_verification = recording.user_verification},
      Extent::all);
}

}  // namespace

Judged judge(const Recording& recording, Time now) {
  Judged out;
  const auto& said = recording.registration;
  const AttestationPolicy policy{
      .rule = recording.roots ? AttestationRule::trusted_if_certified : AttestationRule::any,
      .roots = recording.roots.value_or(crypto::Certificates())};
  const auto registered = judge_registration({said.client_data, said.attestation_object, {}},
                                             {.rp = recording.rp,
                                              .challenge = said.challenge,
                                              .user_verification = recording.user_verification,
                                              .algorithms = {},
                                              .attestation = policy,
                                              .registered = {},
                                              .now = now},
                                             Extent::all);
  append_steps(out.lines, "registration", &StepText::registration, registered.report);
  out.accepted = registered.credential.has_value();
  std::string end = "{\"end\":true";
  member(end, "registration", result_of(out.accepted, registered.report));
  if (recording.authentication) {
    const auto authenticated =
        judge_with(recording, registered.credential ? registered.credential : registered.refused);
    append_steps(out.lines, "authentication", &StepText::authentication, authenticated.report);
    member(end, "authentication", result_of(authenticated.accepted, authenticated.report));
    out.accepted = out.accepted && authenticated.accepted;
  }
  out.lines += end + "}\n";
  return out;
}

std::string error_line(const Error& error) {
  std::string out;
  member(out, "error", std::string_view(error.what).substr(0, 1024));
  return out + "}\n";
}

}  // namespace countersign::judge
