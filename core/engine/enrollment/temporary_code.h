// SPDX-License-Identifier: Apache-2.0
// A code that the helpdesk makes for somebody who lost a key: single or limited use, for some
// hours, gone as soon as something new is enrolled.
#pragma once

#include <string>

#include "core/base/time.h"
#include "core/caller.h"
#include "core/engine/context.h"

namespace countersign::engine {

struct MakeTemporaryCode {
  Caller caller;
  std::string user;
  std::chrono::seconds lasts{8 * 3600};  // 5 minutes to 30 days
  int uses = 1;                          // 1 to 100
  Basis basis = {};                      // what it rests on: of what is bound by it, too
};
struct TemporaryCode {
  AuthenticatorId id;
  Secret code;
  Time expires{};
  int uses = 1;
};
// The one before it ends, in the same commit.
void make_temporary_code(Context& context, MakeTemporaryCode request, Then<TemporaryCode> then);

}  // namespace countersign::engine
