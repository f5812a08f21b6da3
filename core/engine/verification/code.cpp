// SPDX-License-Identifier: Apache-2.0
#include "core/engine/verification/code.h"

#include <array>
#include <map>
#include <utility>

#include "core/crypto/hmac.h"
#include "core/engine/verification/frame.h"
#include "core/engine/verification/one_time_floor.h"
#include "core/engine/verification/sent_code.h"
#include "core/engine/verification/yubico_otp.h"
#include "core/factors/backup_codes.h"
#include "core/factors/temporary_code.h"

namespace countersign::engine {
namespace {

constexpr std::uint64_t macs_on_denial = 32;  // T32: as many for nobody as for somebody

bool answers(Kind kind, CodeForm form) {
  switch (form) {
    case CodeForm::digits:
      return kind == Kind::totp || kind == Kind::hotp;
    case CodeForm::backup:
      return kind == Kind::backup_codes || kind == Kind::temporary_code;
    case CodeForm::yubico_otp:
      return false;  // yubico_otp.h
  }
  std::unreachable();
}

// A temporary code is tried however it ended (barred() below); of the others those that are active.
bool is_candidate(const Authenticator& authenticator) {
  return authenticator.status == Status::active || authenticator.kind == Kind::temporary_code;
}

class CodeJudge final : public Judge {
 public:
  CodeJudge(Context& context, std::shared_ptr<const TypedCode> code, std::optional<KindSet> kinds)
      : context_(context), code_(std::move(code)), kinds_(std::move(kinds)) {}

  Result<std::vector<Candidate>> candidates(const std::shared_ptr<const UserRecord>& record,
                                            Time) override {
    later_round_ = std::exchange(begun_, true);
    std::vector<Candidate> all;
    for (const Authenticator& each : record->authenticators)
      if (answers(each.kind, code_->form) && (!kinds_ || kinds_->contains(each.kind)) &&
          is_candidate(each))
        all.push_back({record, each});
    return all;
  }

  Result<Judgement> judge(const Candidate& candidate, Time now) override {
    const Check check = TRY(check_by_kind(candidate.authenticator, now));
    return judgement_of(check, {.amr = {"otp"}, .aal = 1});
  }

  [[nodiscard]] Verdict no_candidate() const override { return Verdict(Reason::no_factor); }

  // A temporary code that was used up, replaced or is over, typed once more: no guess, and no way
  // in. For the rest nothing is said of why.
  Result<Verdict> barred(const Candidate& candidate, Verdict, Time now) override {
    const Authenticator& authenticator = candidate.authenticator;
    if (authenticator.kind != Kind::temporary_code) return Verdict(Reason::no_factor);
    const Check check = TRY(check_by_kind(authenticator, now));
    return Verdict(check.match == Match::no ? Reason::no_factor : Reason::used_code);
  }

  Result<void> even_out(std::uint64_t macs) override {
    begun_ = true;
    if (code_->form == CodeForm::digits) {
      static constexpr std::array<Byte, 20> nobody{};
      crypto::Hmac mac(HashAlgorithm::sha1, nobody);
      for (std::uint64_t i = macs % macs_on_denial; i < macs_on_denial; ++i)
        (void)mac.of(as_bytes("countersign"));
    } else if (digests_.empty() && !std::exchange(hashed_for_nobody_, true)) {
      TRY(backup_codes::digest_for_nobody(typed()));
    }
    return {};
  }

 private:
  [[nodiscard]] std::string_view typed() const { return code_->text.expose_text(); }

  Result<Check> check_by_kind(const Authenticator& authenticator, Time now) {
    const Secret secret = TRY(context_.vault.open(
        crypto::Purpose::authenticator, to_text(authenticator.id), authenticator.material));
    if (authenticator.kind == Kind::totp)
      return totp::check(authenticator.oath, secret, used_up(context_, authenticator),
                         context_.rules.totp, typed(), now);
    if (authenticator.kind == Kind::hotp)
      return hotp::check(authenticator.oath, secret, authenticator.progress, context_.rules.hotp,
                         typed());
    if (authenticator.kind == Kind::temporary_code)
      return temporary_code::check(secret, authenticator.progress, code_->text);
    return check_backup_code(authenticator, secret);
  }

  // The slow hash is made in the first round, and kept: later ones run on the store's thread.
  Result<Check> check_backup_code(const Authenticator& authenticator, const Secret& material) {
    auto known = digests_.find(authenticator.id);
    // Bound since this was typed, so that it is no code of that set.
    if (known == digests_.end() && later_round_) return Check{};
    if (known == digests_.end()) {
      Secret digest = TRY(backup_codes::digest(material, typed()));
      known = digests_.emplace(authenticator.id, std::move(digest)).first;
    }
    return backup_codes::check(material, authenticator.progress, known->second);
  }

  Context& context_;
  std::shared_ptr<const TypedCode> code_;
  std::optional<KindSet> kinds_;
  std::map<AuthenticatorId, Secret> digests_;
  bool hashed_for_nobody_ = false;
  bool begun_ = false, later_round_ = false;
};

}  // namespace

void verify(Context& context, VerifyCode request, ThenVerdict then) {
  if (request.code.form == CodeForm::yubico_otp &&
      (!request.kinds || request.kinds->contains(Kind::yubico_otp)))
    return verify_otp(
        context,
        {.caller = std::move(request.caller),
         .user = std::move(request.user),
         .typed = std::move(request.code.text),
         .evidence = std::move(request.evidence)},
        [then = std::move(then)](OtpVerdict verdict) mutable { then(std::move(verdict.verdict)); });
  auto attempt = std::make_shared<Attempt>(Attempt{
      .caller = request.caller, .claim = {.name = std::move(request.user)}, .guessable = true});
  const auto code = std::make_shared<const TypedCode>(std::move(request.code));
  const bool by_itself = request.challenge.empty();
  if (by_itself)
    attempt->judges.push_back(std::make_unique<CodeJudge>(context, code, request.kinds));
  if (!by_itself || (request.sent_too && code->form == CodeForm::digits))
    attempt->judges.push_back(
        make_sent_code_judge(context, {.owner = code_owner(request.caller),
                                       .kinds = request.kinds,
                                       .challenge = std::move(request.challenge),
                                       .bound_to = std::move(request.bound_to),
                                       .code = code}));
  verify(context, std::move(attempt), std::move(then));
}

}  // namespace countersign::engine
