// SPDX-License-Identifier: Apache-2.0
// What countersign-judge writes: one JSON object a line.
//   {"ceremony":"registration","step":"wrong-origin","section":"7.1 step
//   9","about":"...","outcome":"passed","why":""}  each step, in order
//   {"end":true,"registration":"accepted","authentication":"bad-signature"} last
//   {"error":"reason"} last, when it was no ceremony
// outcome: passed, warned, failed, not-judged. A ceremony is "accepted" or the reason of the first
// step that failed; one that the file does not have is left out.
#pragma once

#include <string>

#include "cli/judge/recording.h"
#include "core/base/time.h"

namespace countersign::judge {

struct Judged {
  std::string lines;
  bool accepted = false;  // every ceremony of the file
};
[[nodiscard]] Judged judge(const Recording& recording, Time now);
[[nodiscard]] std::string error_line(const Error& error);

}  // namespace countersign::judge
