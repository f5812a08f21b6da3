// SPDX-License-Identifier: Apache-2.0
#include "core/webauthn/authentication.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/crypto/hash.h"
#include "core/webauthn/client_data.h"
#include "core/webauthn/extensions.h"
#include "core/webauthn/flags.h"

namespace countersign::webauthn {
namespace {

// Steps 5 and 6.
bool judge_credential(const AuthenticationResponse& response,
                      const AuthenticationExpectations& expected, Report& report) {
  const auto is_it = [&](const Bytes& id) {
    return std::ranges::equal(id, response.credential_id);
  };
  const bool allowed = is_it(expected.credential.id) &&
                       (expected.allowed.empty() || std::ranges::any_of(expected.allowed, is_it));
  const bool said = response.user_handle && !response.user_handle->empty();
  const bool owner = said ? std::ranges::equal(*response.user_handle, expected.user_handle)
                          : !expected.user_handle_needed;
  return report.note(Step::credential_allowed, allowed) && report.note(Step::user_handle, owner);
}

// Step 23.
bool judge_counter(std::uint32_t stored, std::uint32_t presented, CounterRule rule,
                   AuthenticationJudgement& out) {
  out.counter_went_back = (stored != 0 || presented != 0) && presented <= stored;
  if (!out.counter_went_back) return out.report.note(Step::counter, true);
  std::string why =
      fmt::format("it was {}, now it is {}: is there a copy of this key?", stored, presented);
  if (rule == CounterRule::refuse) return out.report.note(Step::counter, false, why);
  out.report.warn(Step::counter, std::move(why));
  return true;
}

// Whether every step of an authentication was judged, and held.
bool all_held(const Report& report) {
  for (const StepText& text : step_texts()) {
    const bool warned = text.step == Step::counter && report.outcome(text.step) == Outcome::warned;
    if (!text.authentication.empty() && !warned && report.outcome(text.step) != Outcome::passed)
      return false;
  }
  return report.clean();
}

void judge(const AuthenticationResponse& response, const AuthenticationExpectations& expected,
           AuthenticationJudgement& out) {
  Report& report = out.report;
  const Credential& credential = expected.credential;
  if (!judge_credential(response, expected, report)) return;
  if (!judge_client_data(response.client_data_json, type_get, expected.challenge, expected.rp,
                         report))
    return;
  const auto data = parse_authenticator_data(response.authenticator_data);
  if (!data) return report.stop(Step::authenticator_data, data.error().what);
  const FlagRules rules{.rp_id = expected.rp.id,
                        .user_presence = true,
                        .user_verification = expected.user_verification};
  if (!report.note(Step::authenticator_data, true) || !judge_flags(*data, rules, report)) return;
  if (!report.note(Step::backup_eligibility,
                   data->flags.backup_eligible() == credential.backup_eligible))
    return;
  const std::string wrong = wrong_with_extensions(data->extensions, {});
  if (!report.note(Step::extensions, wrong.empty(), wrong)) return;
  const crypto::Sha256 client_data_hash = crypto::sha256(response.client_data_json);
  if (!report.note(
          Step::signature,
          expected.key.verify({response.authenticator_data, client_data_hash}, response.signature)))
    return;
  if (!judge_counter(credential.counter, data->counter, expected.counter_rule, out) ||
      !all_held(report))
    return;
  out.counter = std::max(credential.counter, data->counter);
  out.backed_up = data->flags.backed_up();
  out.user_verified = data->flags.user_verified();
  out.accepted = true;
}

}  // namespace

AuthenticationJudgement judge_authentication(const AuthenticationResponse& response,
                                             const AuthenticationExpectations& expected,
                                             Extent extent) {
  AuthenticationJudgement out{.report = Report(extent)};
  judge(response, expected, out);
  return out;
}

}  // namespace countersign::webauthn
