// SPDX-License-Identifier: Apache-2.0
// A PIN or PUK and the tries it has left (ISO/IEC 7816-4 "reference data").
#pragma once

#include <utility>

#include "core/base/secret.h"
#include "devices/virtual/card/base/status_word.h"

namespace countersign::virtual_card {

struct Reference {
  Secret value;
  unsigned most = 3;
  unsigned left = 3;
  bool factory = true;  // nobody has changed it yet

  [[nodiscard]] bool blocked() const { return left == 0; }

  // ok, 63CX or blocked. A wrong one costs a try, the right one brings all back.
  [[nodiscard]] StatusWord check(BytesView candidate) {
    if (blocked()) return StatusWord::blocked;
    --left;
    if (!equal_constant_time(candidate, value.expose())) return wrong_with(left);
    left = most;
    return StatusWord::ok;
  }

  void set(BytesView fresh) {
    value = Secret(fresh);
    left = most;
    factory = false;
  }
};

}  // namespace countersign::virtual_card
