// SPDX-License-Identifier: Apache-2.0
// Private to this folder: what each kind of proof brings to the frame (frame.h). A judge says whose
// proof it may be and whether it is valid. It reads no policy, writes no event, makes no verdict.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/factors/check.h"
#include "core/ports/store.h"
#include "core/verdict.h"

namespace countersign::engine {

using Details = std::vector<std::pair<std::string, std::string>>;  // audit::Event::details

// What an accepted proof is worth by itself (SP 800-63B-4 §2, RFC 8176). A password before it makes
// the sign-in worth more.
struct Worth {
  std::vector<std::string> amr;
  int aal = 1;
};

// An authenticator that the proof may be of, as the store has it now.
struct Candidate {
  std::shared_ptr<const UserRecord> record;
  Authenticator authenticator;  // without an id: not enrolled
  std::size_t reading = 0;      // for the judge: which reading of the proof led here
};

// A row that is enrolled by the very proof that it verifies.
struct Enrolled {
  Authenticator row;
  Details details;  // of the "enroll" event, after its kind
};

struct Judgement {
  bool valid = false;
  Verdict denied{Reason::wrong_code};  // unless it is valid
  Progress progress;                   // when it is: what to commit; last_used is set by the frame
  Worth worth;
  Details details;  // of the "verify" event
  std::optional<Enrolled> enrolled = {};
};

[[nodiscard]] inline Judgement refused(Verdict why, Details details = {}) {
  return {.denied = std::move(why), .details = std::move(details)};
}

[[nodiscard]] inline Judgement accepted(Progress progress, Worth worth, Details details = {}) {
  return {.valid = true,
          .progress = progress,
          .worth = std::move(worth),
          .details = std::move(details)};
}

// What a factor's check of a code comes to.
[[nodiscard]] inline Judgement judgement_of(const Check& check, Worth worth) {
  switch (check.match) {
    case Match::no:
      return refused(Verdict(Reason::wrong_code));
    case Match::used:
      return refused(Verdict(Reason::used_code));
    case Match::yes:
      return accepted(check.progress, std::move(worth));
  }
  std::unreachable();
}

// One proof. All calls come one after the other: a first round on the thread that began the
// attempt, further rounds (a commit met a conflict) on the store's.
class Judge {
 public:
  virtual ~Judge() = default;

  // Each authenticator that the proof may be of, whatever state it is in. record: of the user whom
  // the caller, or the challenge, named; null: the proof has to say who it is. Begins a round.
  virtual Result<std::vector<Candidate>> candidates(const std::shared_ptr<const UserRecord>& record,
                                                    Time now) = 0;
  // Asked of a candidate that may answer (gate.h). now: of the round, the same for all of it.
  virtual Result<Judgement> judge(const Candidate& candidate, Time now) = 0;

  // What the proof says of itself, for any event about it.
  [[nodiscard]] virtual Details about() const { return {}; }
  // The denial when there is no candidate.
  [[nodiscard]] virtual Verdict no_candidate() const { return Verdict(Reason::unknown_token); }
  // The denial for one that may not answer; by default what the gate says.
  virtual Result<Verdict> barred(const Candidate&, Verdict gate, Time) { return gate; }
  // Called in a round that denies; macs: HMACs computed in it. Makes a denial take as long as every
  // other one (T32).
  virtual Result<void> even_out(std::uint64_t macs) {
    (void)macs;
    return {};
  }
};

}  // namespace countersign::engine
