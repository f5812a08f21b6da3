// SPDX-License-Identifier: Apache-2.0
// What administrators do with machines.
#pragma once

#include <optional>
#include <string>

#include "core/caller.h"
#include "core/engine/context.h"
#include "core/policy/recognition.h"

namespace countersign::engine {

enum class MachineAct {
  forget,     // its recognitions end; whoever verifies there makes it recognized again
  block,      // nobody gets in from there
  recognize,  // as if somebody had verified there: for everyone of an audience, or for one user
};
struct ActOnMachine {
  Caller caller;
  std::string id;
  MachineAct act = MachineAct::forget;
  std::string audience;  // recognize: for everyone of it
  std::string user;      // recognize: or for this user
  std::string name;      // if not empty: what people call it from now on
  std::string basis;     // recognize: on which fresh verification it rests (fresh.h)
};
// conflict: a browser that is forgotten has no value to be recognized by.
void act_on_machine(Context& context, ActOnMachine request, Then<Machine> then);

// Ends the recognition of every machine, at once: by a moment that all policies know.
void forget_all_machines(Context& context, Caller caller, std::string basis,
                         Then<std::monostate> then);

}  // namespace countersign::engine
