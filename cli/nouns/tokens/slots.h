// SPDX-License-Identifier: Apache-2.0
// Programming YubiKeys' slots: one, or a bench full of them.
#pragma once

#include <string>

#include "cli/command.h"
#include "cli/fresh.h"
#include "cli/tap.h"
#include "daemon/api/slots.h"

namespace countersign::cli {

struct SlotOptions {
  api::SlotProgram program;  // its id is the device's
  std::string access_code_file, new_access_code_file, secret_file;
  std::string from;  // bench: users.csv
  bool loop = false;
  bool no_return = false, hide_serial = false;
  TapOptions tap;
  FreshOptions fresh;
};

// One slot; the front has said what came of it.
void program_slot(Front& front, const SlotOptions& options);

// Bench: a key for each user of the file, one after the other. Who has one already is left out, so
// that it goes on after a crash.
void program_bench(Front& front, const SlotOptions& options);

using SlotBody = api::BodyOf<api::SlotProgram>;  // the id stands in the path
// With the codes of the files read.
[[nodiscard]] Result<SlotBody> request_of(const SlotOptions& options);
// "hmac of alice, slot 2, 20012345-2, read back"
[[nodiscard]] std::string words_of(const SlotOptions& options, const api::SlotProgrammed& done);

// countersign device provision KIND | erase | swap
void add_slot_provisioning(Command& provision, Front& front);
// countersign enroll hmac: the same for an empty slot. One whose secret is not known here is
// refused: a challenge and its response could have been taken from it ahead of time.
void add_hmac_enrollment(Command& noun, Front& front);

}  // namespace countersign::cli
