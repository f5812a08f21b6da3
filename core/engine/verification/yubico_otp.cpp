// SPDX-License-Identifier: Apache-2.0
#include "core/engine/verification/yubico_otp.h"

#include <utility>

#include "core/encoding/modhex.h"
#include "core/engine/verification/frame.h"

namespace countersign::engine {
namespace {

// What the key said of itself, in the round that was decided by it.
struct Said {
  yubico_otp::Moment moment;
  std::optional<std::uint32_t> tag_before;
};

class OtpJudge final : public Judge {
 public:
  OtpJudge(Context& context, VerifyOtp request, std::shared_ptr<Said> said)
      : context_(context),
        request_(std::move(request)),
        readings_(yubico_otp::readings(request_.typed.expose_text())),
        said_(std::move(said)) {}

  Result<std::vector<Candidate>> candidates(const std::shared_ptr<const UserRecord>& record,
                                            Time) override {
    *said_ = {};
    std::vector<Candidate> all;
    for (std::size_t i = 0; i < readings_.size(); ++i) {
      TRY(record ? add_of(record, i, all) : add_by_id(i, all));
    }
    return all;
  }

  Result<Judgement> judge(const Candidate& candidate, Time) override {
    const Authenticator& row = candidate.authenticator;
    const yubico_otp::Otp& otp = readings_[candidate.reading];
    if (validated_elsewhere(row)) return judge_elsewhere(row, otp);
    const Result<Secret> material =
        context_.vault.open(crypto::Purpose::authenticator, to_text(row.id), row.material);
    if (!material) return std::unexpected(material.error());
    const yubico_otp::OtpCheck check =
        yubico_otp::check(*material, row.progress, otp.block, request_.tag);
    said_->moment = check.moment;
    if (check.match == Match::used)
      said_->tag_before = yubico_otp::tag_of_same(row.progress, check.moment);
    return judgement_of({check.match, check.progress}, worth());
  }

 private:
  static Worth worth() { return {.amr = {"otp", "hwk"}, .aal = 1}; }

  Result<void> add_of(const std::shared_ptr<const UserRecord>& record, std::size_t reading,
                      std::vector<Candidate>& all) const {
    for (const Authenticator& each : record->authenticators)
      if (each.kind == Kind::yubico_otp && each.status == Status::active &&
          each.handle == readings_[reading].public_id)
        all.push_back({record, each, reading});
    return {};
  }

  Result<void> add_by_id(std::size_t reading, std::vector<Candidate>& all) const {
    const Bytes& public_id = readings_[reading].public_id;
    if (public_id.empty()) return {};  // it names nobody
    const auto rows = TRY(context_.store.authenticators(
        {.kind = Kind::yubico_otp, .status = Status::active, .handle = public_id}));
    for (const Authenticator& row : rows) {
      const auto record = context_.store.user_by_id(row.user);
      if (!record && record.error().code != Code::not_found) return std::unexpected(record.error());
      if (record) (void)add_of(*record, reading, all);
    }
    return {};
  }

  // A key whose secret is not here. What its servers say is committed like any other counter:
  // however often they say it, it counts once.
  [[nodiscard]] Judgement judge_elsewhere(const Authenticator& row,
                                          const yubico_otp::Otp& otp) const {
    const std::string typed =
        formats::modhex_encode(otp.public_id) + formats::modhex_encode(otp.block);
    const OtpEvidence* evidence = request_.evidence.get();
    otp_validation::Answer answer;
    if (evidence != nullptr && evidence->question.otp == typed)
      answer = otp_validation::judge(*evidence->service, evidence->question, evidence->answer);
    switch (answer.said) {
      case otp_validation::Said::nothing:
        return refused(Verdict(Reason::unavailable, "validation-unreachable"));
      case otp_validation::Said::refused:
        return refused(Verdict(Reason::wrong_code));
      case otp_validation::Said::replayed:
        return refused(Verdict(Reason::used_code));
      case otp_validation::Said::accepted:
        break;
    }
    if (answer.counter <= row.progress.counter) return refused(Verdict(Reason::used_code));
    return accepted({.counter = answer.counter}, worth());
  }

  Context& context_;
  VerifyOtp request_;
  std::vector<yubico_otp::Otp> readings_;
  std::shared_ptr<Said> said_;
};

}  // namespace

void verify_otp(Context& context, VerifyOtp request,
                std::move_only_function<void(OtpVerdict)> then) {
  auto said = std::make_shared<Said>();
  auto attempt = std::make_shared<Attempt>(
      Attempt{.caller = request.caller, .claim = {.name = request.user}, .kind = Kind::yubico_otp});
  attempt->judges.push_back(std::make_unique<OtpJudge>(context, std::move(request), said));
  verify(context, std::move(attempt), [said, then = std::move(then)](Verdict verdict) mutable {
    then({.verdict = std::move(verdict), .moment = said->moment, .tag_before = said->tag_before});
  });
}

}  // namespace countersign::engine
