// SPDX-License-Identifier: Apache-2.0
#include "core/engine/verification/security_key.h"

#include <utility>

#include "core/engine/verification/fido2_credentials.h"
#include "core/engine/verification/second_step.h"
#include "core/webauthn/steps.h"

namespace countersign::engine {
namespace {

// A single-factor or a multi-factor authenticator (SP 800-63B-4 §3.1.6, §3.1.7); hardware unless it
// may be copied.
Worth worth_of(const webauthn::Credential& credential, bool user_verified) {
  Worth worth{.amr = {credential.backup_eligible ? "swk" : "hwk", "user"}, .aal = 1};
  if (!user_verified) return worth;
  worth.amr.emplace_back("mfa");
  const bool attested_hardware =
      credential.trust == webauthn::Trust::trusted && !credential.backup_eligible;
  worth.aal = attested_hardware ? 3 : 2;
  return worth;
}

class SecurityKeyJudge final : public Judge {
 public:
  SecurityKeyJudge(Context& context, FinishAssertion request, Challenge challenge)
      : context_(context), request_(std::move(request)), challenge_(std::move(challenge)) {}

  Result<std::vector<Candidate>> candidates(const std::shared_ptr<const UserRecord>& named,
                                            Time) override {
    const Bytes handle = handle_of(request_.credential_id);
    const std::shared_ptr<const UserRecord> record = TRY(named ? named : owner_of(handle));
    std::vector<Candidate> all;
    if (record == nullptr) return all;
    for (const Authenticator& each : record->authenticators)
      if (each.kind == Kind::fido2 && each.status == Status::active && each.handle == handle)
        all.push_back({record, each});
    return all;
  }

  Result<Judgement> judge(const Candidate& candidate, Time) override {
    const Authenticator& row = candidate.authenticator;
    const auto known = TRY(context_.credentials.open(context_.vault, row));
    webauthn::Credential credential = known->credential;
    credential.counter = static_cast<std::uint32_t>(row.progress.counter);
    const webauthn::AuthenticationJudgement judged =
        judge_assertion(credential, known->key, user_handle_of(candidate.record->user.id));
    Details details;
    // T27: somebody may have a copy of the key.
    if (judged.counter_went_back) details.emplace_back("counter", "went-back");
    if (!judged.accepted) {
      const auto step = judged.report.refused();
      const std::string_view why = step ? webauthn::text_of(*step).reason : "wrong-proof";
      return refused(Verdict(Reason::wrong_proof, std::string(why)), std::move(details));
    }
    return accepted({.counter = judged.counter, .detail = judged.backed_up ? 1 : 0},
                    worth_of(credential, judged.user_verified), std::move(details));
  }

 private:
  // Whose the credential is, where nobody was named; null: nobody's.
  [[nodiscard]] Result<std::shared_ptr<const UserRecord>> owner_of(const Bytes& handle) const {
    const auto rows = TRY(context_.store.authenticators(
        {.kind = Kind::fido2, .status = Status::active, .handle = handle}));
    if (rows.empty()) return nullptr;
    auto record = context_.store.user_by_id(rows.front().user);
    if (!record && record.error().code == Code::not_found) return nullptr;
    return record;
  }

  [[nodiscard]] webauthn::AuthenticationJudgement judge_assertion(
      const webauthn::Credential& credential, const crypto::PublicKey& key,
      const Bytes& user_handle) const {
    return webauthn::judge_authentication(
        {.credential_id = request_.credential_id,
         .client_data_json = request_.client_data_json,
         .authenticator_data = request_.authenticator_data,
         .signature = request_.signature,
         .user_handle =
             request_.user_handle ? std::optional<BytesView>(*request_.user_handle) : std::nullopt},
        {.rp = context_.rules.fido2.rp,
         .challenge = challenge_.value,
         .credential = credential,
         .key = key,
         .allowed = challenge_.credentials,
         .user_handle = user_handle,
         .user_handle_needed = !challenge_.user,
         .user_verification = challenge_.uv,
         .counter_rule = context_.rules.fido2.counter});
  }

  Context& context_;
  FinishAssertion request_;
  Challenge challenge_;
};

}  // namespace

void finish_assertion(Context& context, FinishAssertion request, ThenVerdict then) {
  auto challenge = answered_challenge(context, request.caller, request.id, Kind::fido2, then);
  if (!challenge) return;
  Caller caller = request.caller;
  auto judge = std::make_unique<SecurityKeyJudge>(context, std::move(request), *challenge);
  verify(context, attempt_at(*challenge, std::move(caller), Kind::fido2, std::move(judge)),
         std::move(then));
}

}  // namespace countersign::engine
