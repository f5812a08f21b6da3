// SPDX-License-Identifier: Apache-2.0
// Private to this folder: the judge of codes that were sent by SMS or e-mail (engine/sent_codes.h).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/engine/verification/held_code.h"
#include "core/engine/verification/judge.h"
#include "core/factors/typed_code.h"
#include "core/kind_set.h"

namespace countersign::engine {

struct TypedSentCode {
  std::uint64_t owner = 0;  // who asked for the code (held_code.h)
  std::optional<KindSet> kinds;
  std::string challenge;  // empty: whichever was sent
  std::string bound_to;   // the sign-in that it was sent for
  std::shared_ptr<const TypedCode> code;
};

// A try counts against the code that waits before anything is compared (T09). It is used up by the
// first right try, also by one that is denied for another reason.
[[nodiscard]] std::unique_ptr<Judge> make_sent_code_judge(Context& context, TypedSentCode typed);

}  // namespace countersign::engine
