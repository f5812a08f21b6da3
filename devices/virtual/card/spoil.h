// SPDX-License-Identifier: Apache-2.0
// Answers as the faults want them.
#pragma once

#include "devices/virtual/card/base/apdu.h"
#include "devices/virtual/card/faults.h"

namespace countersign::virtual_card {

// The content of an answer, before it is cut into parts.
void spoil_content(const Faults& faults, Bytes& data);
// The answer as it would go out.
[[nodiscard]] Bytes spoil_answer(const Faults& faults, Bytes answer);

}  // namespace countersign::virtual_card
