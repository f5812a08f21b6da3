// SPDX-License-Identifier: Apache-2.0
#include "core/engine/verification/sent_code.h"

#include <algorithm>
#include <utility>

#include "core/engine/apply.h"
#include "core/engine/recipients.h"

namespace countersign::engine {
namespace {

// What a sent code verifies: the enrolment of that kind, or else the number or address on file,
// which has no row.
Authenticator recipient_row(const UserRecord& record, Kind kind, Time now) {
  const auto bound = std::ranges::find_if(record.authenticators, [&](const Authenticator& each) {
    return each.kind == kind && each.status == Status::active;
  });
  if (bound != record.authenticators.end()) return *bound;
  return {.user = record.user.id, .kind = kind, .created = now};
}

class SentCodeJudge final : public Judge {
 public:
  SentCodeJudge(Context& context, TypedSentCode typed)
      : context_(context), typed_(std::move(typed)) {}

  Result<std::vector<Candidate>> candidates(const std::shared_ptr<const UserRecord>& record,
                                            Time now) override {
    TRY(seek(record->user));
    if (!found_ || stopped(*record, found_->slot.kind)) return std::vector<Candidate>();
    return std::vector{Candidate{record, recipient_row(*record, found_->slot.kind, now)}};
  }

  Result<Judgement> judge(const Candidate& candidate, Time) override {
    const Kind kind = candidate.authenticator.kind;
    const bool right = matches(found_->slot, found_->held);
    const bool moved = found_->held.recipient != recipient_of(candidate.record->user, kind);
    if (!right && !moved) return refused(Verdict(Reason::wrong_code));     // it waits on
    if (!claim() || moved) return refused(Verdict(Reason::no_challenge));  // T48
    return accepted(candidate.authenticator.progress,
                    {.amr = {kind == Kind::sms ? "sms" : "otp"}, .aal = 1});
  }

  [[nodiscard]] Verdict no_candidate() const override {
    if (!typed_.challenge.empty() && !found_) return Verdict(Reason::no_challenge);
    return Verdict(one_waits_ && !found_ ? Reason::wrong_code : Reason::no_factor);
  }

  Result<Verdict> barred(const Candidate&, Verdict, Time) override {
    return Verdict(Reason::no_factor);
  }

 private:
  struct Found {
    CodeSlot slot;
    HeldCode held;
    bool taken = false;
  };

  [[nodiscard]] bool matches(const CodeSlot& slot, const HeldCode& held) const {
    return code_matches(context_, slot, held, typed_.code->text.expose_text());
  }

  // The code that waits there, with this try counted; none when there is none, it was replaced, or
  // has no tries left (T09).
  Result<std::optional<HeldCode>> try_at(const CodeSlot& slot) {
    for (int round = 0; round < default_rounds; ++round) {
      Result<Waiting<HeldCode>> held = waiting_code(context_, slot);
      if (!held && held.error().code != Code::not_found) return std::unexpected(held.error());
      const bool named = typed_.challenge.empty() || (held && held->value.id == typed_.challenge);
      if (!held || !named || held->value.tries >= context_.rules.sent.tries) return std::nullopt;
      const Result<void> counted = count_try(context_, *held);
      if (counted) return std::move(held->value);
      if (counted.error().code != Code::conflict) return std::unexpected(counted.error());
    }
    return std::nullopt;
  }

  // Once an attempt, however many rounds it takes. Without a challenge, codes may wait by both
  // kinds: the one that was typed is it.
  Result<void> seek(const User& user) {
    if (std::exchange(sought_, true)) return {};
    for (const Kind kind : {Kind::sms, Kind::email}) {
      if (typed_.kinds && !typed_.kinds->contains(kind)) continue;
      CodeSlot slot{
          .user = user.id, .kind = kind, .bound_to = typed_.bound_to, .owner = typed_.owner};
      std::optional<HeldCode> held = TRY(try_at(slot));
      one_waits_ = one_waits_ || held;
      if (!held || (typed_.challenge.empty() && !matches(slot, *held))) continue;
      found_ = Found{std::move(slot), std::move(*held)};
      return {};
    }
    return {};
  }

  // Whether it is this attempt's alone: of two with the right code one gets it, and nobody one that
  // a newer code has replaced.
  bool claim() {
    if (!found_->taken)
      found_->taken = take_code(context_, found_->slot, found_->held.id).has_value();
    return found_->taken;
  }

  Context& context_;
  TypedSentCode typed_;
  std::optional<Found> found_;
  bool sought_ = false;
  bool one_waits_ = false;
};

}  // namespace

std::unique_ptr<Judge> make_sent_code_judge(Context& context, TypedSentCode typed) {
  return std::make_unique<SentCodeJudge>(context, std::move(typed));
}

}  // namespace countersign::engine
