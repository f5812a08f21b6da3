// SPDX-License-Identifier: Apache-2.0
#include "core/engine/verification/card.h"

#include <utility>

#include "core/engine/verification/card_credentials.h"
#include "core/engine/verification/card_holder.h"
#include "core/engine/verification/second_step.h"

namespace countersign::engine {
namespace {

class CardJudge final : public Judge {
 public:
  CardJudge(Context& context, CardProof proof, Challenge challenge)
      : context_(context),
        proof_(std::move(proof)),
        challenge_(std::move(challenge)),
        judged_(judge_card(context, proof_, challenge_.value, challenge_.uv)) {}

  Result<std::vector<Candidate>> candidates(const std::shared_ptr<const UserRecord>& named,
                                            Time now) override {
    std::vector<Candidate> all;
    if (!judged_.refused.empty()) return all;
    auto candidate = TRY(owner(now));
    // Somebody else's card than the one that was asked for.
    if (candidate && (!named || named->user.id == candidate->record->user.id))
      all.push_back(std::move(*candidate));
    return all;
  }

  Result<Judgement> judge(const Candidate& candidate, Time) override {
    if (!candidate.authenticator.id) return enrolled_by_certificate(candidate);
    const auto enrolled = TRY(open_card(context_, candidate.authenticator));
    if (enrolled.public_key != proof_.public_key)  // its hash alone found it
      return refused(Verdict(Reason::unknown_token));
    // A key that was enrolled in a slot without a PIN never counts as one with.
    const bool user_verified = judged_.user_verified && enrolled.slot == proof_.slot;
    if (challenge_.uv == webauthn::UserVerification::required && !user_verified)
      return refused(Verdict(Reason::wrong_proof, "user-not-verified"));
    return accepted(candidate.authenticator.progress, worth(user_verified));
  }

  [[nodiscard]] Verdict no_candidate() const override {
    if (!judged_.refused.empty()) return Verdict(Reason::wrong_proof, judged_.refused);
    return Verdict(Reason::unknown_token);
  }

  [[nodiscard]] Details about() const override {
    if (judged_.subject.empty()) return {};
    return {{"subject", judged_.subject}};
  }

 private:
  // Whoever has enrolled this key; else whom its certificate names, if the rules let it.
  [[nodiscard]] Result<std::optional<Candidate>> owner(Time now) const {
    const auto rows = TRY(context_.store.authenticators(
        {.kind = proof_.kind, .handle = card_handle_of(proof_.public_key)}));
    for (const Authenticator& row : rows)
      if (row.status != Status::revoked) return owner_of(row);
    // A key that was revoked once does not come back by itself.
    const bool by_name = rows.empty() && named_by_certificates(context_) &&
                         proof_.kind == Kind::piv && judged_.by_path;
    if (!by_name) return std::nullopt;
    auto record = TRY(holder_named_in(context_, judged_.names));
    if (record == nullptr) return std::nullopt;
    const Authenticator fresh{.user = record->user.id, .kind = proof_.kind, .created = now};
    return Candidate{std::move(record), fresh};
  }

  [[nodiscard]] Result<std::optional<Candidate>> owner_of(const Authenticator& row) const {
    if (row.status != Status::active) return std::nullopt;
    auto record = context_.store.user_by_id(row.user);
    if (!record && record.error().code == Code::not_found) return std::nullopt;
    if (!record) return std::unexpected(record.error());
    for (const Authenticator& mine : (*record)->authenticators)  // as of the record's moment
      if (mine.id == row.id && mine.status == Status::active)
        return Candidate{std::move(*record), mine};
    return std::nullopt;
  }

  // Single- or multi-factor cryptographic hardware (SP 800-63B-4 §3.1.6, §3.1.7); "sc" as RFC 8176
  // has it.
  [[nodiscard]] Worth worth(bool user_verified) const {
    Worth worth{.amr = {"sc"}, .aal = 1};
    if (!user_verified) return worth;
    const CardRules& rules = context_.rules.cards;
    const bool in_hardware =
        judged_.by_path && rules.hardware_by_policy && !rules.policy.policies.empty();
    worth.amr.insert(worth.amr.end(), {"pin", "mfa"});
    worth.aal = in_hardware ? 3 : 2;
    return worth;
  }

  // The key of a valid certificate becomes the user's authenticator by this verification.
  [[nodiscard]] Judgement enrolled_by_certificate(const Candidate& candidate) const {
    Authenticator row = candidate.authenticator;
    row.id = context_.ids.make<AuthenticatorId>();
    row.handle = card_handle_of(proof_.public_key);
    const CardCredential credential{proof_.public_key, proof_.certificate, proof_.slot,
                                    proof_.model, proof_.software};
    row.material = context_.vault.seal(crypto::Purpose::authenticator, to_text(row.id),
                                       Secret(BytesView(encode(credential))));
    Enrolled enrolled{.row = row, .details = {{"by", "certificate"}, {"subject", judged_.subject}}};
    if (proof_.software) enrolled.details.emplace_back("virtual", "yes");
    Judgement judgement = accepted(row.progress, worth(judged_.user_verified));
    judgement.enrolled = std::move(enrolled);
    return judgement;
  }

  Context& context_;
  CardProof proof_;
  Challenge challenge_;
  CardJudgement judged_;
};

}  // namespace

void finish_card_assertion(Context& context, FinishCardAssertion request, ThenVerdict then) {
  const Kind kind = request.proof.kind;
  auto challenge = answered_challenge(context, request.caller, request.id, kind, then);
  if (!challenge) return;
  auto judge = std::make_unique<CardJudge>(context, std::move(request.proof), *challenge);
  verify(context, attempt_at(*challenge, std::move(request.caller), kind, std::move(judge)),
         std::move(then));
}

}  // namespace countersign::engine
