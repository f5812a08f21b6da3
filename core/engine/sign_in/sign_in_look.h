// SPDX-License-Identifier: Apache-2.0
// Private to this folder: one look at everything that a decision rests on, and the answer made of
// it.
#pragma once

#include "core/engine/sign_in/sign_in_record.h"
#include "core/engine/sign_in_shared.h"

namespace countersign::engine {

struct Look {
  ClockReading clock;
  std::shared_ptr<const PoliciesInForce> in_force;
  std::shared_ptr<const UserRecord> user;  // none: the store does not know them
  std::optional<Machine> machine;          // as stored
  MachineState state = MachineState::none;
  Decided decided;

  [[nodiscard]] const Policy& policy() const;
};

// The audience whose policy unknown users fall under.
inline constexpr const char* audience_of_unknown = "staff";

// As the store says now. An error is an error of the store, never an absence. changed: the machine
// as this step is about to write it.
[[nodiscard]] Result<Look> look_at(Context& context, const SignInRecord& record,
                                   const std::optional<Machine>& changed = std::nullopt);
// What the look rested on, as preconditions of a change.
void require_what_was_seen(Change& change, const Look& look);

// An event of this sign-in: its decision, what it rests on, and the machine.
[[nodiscard]] audit::Event event_of_decision(Context& context, const Caller& caller,
                                             const SignInRecord& record, const Look& look,
                                             Decision decision, Because because);

// A host of this public key, as a machine is found.
[[nodiscard]] Bytes handle_of_key(BytesView spki);
// Notes in the record which machine it is and whether it is the one that the store knows (its
// fingerprint compared).
[[nodiscard]] Result<void> note_host(Context& context, SignInRecord& record, Bytes key,
                                     Bytes fingerprint, std::string name);

// Decides on a sign-in that waits, as things are now, records a decision that is final, and
// answers.
void decide_again(Context& context, Caller caller, SignInRecord record, ThenView then);

// The answer, with the receipt where it was decided to allow, and that is in the record.
[[nodiscard]] SignInView view_of(Context& context, const SignInRecord& record, const Look& look);
// Holds the record for the next step and answers.
void hold_and_answer(Context& context, const Caller& caller, const SignInRecord& record,
                     SignInView view, ThenView then);

}  // namespace countersign::engine
