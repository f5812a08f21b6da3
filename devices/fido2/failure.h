// SPDX-License-Identifier: Apache-2.0
// libfido2's errors, as the reader reports them.
#pragma once

#include "devices/fido2/link.h"
#include "devices/protocol/messages.h"

namespace countersign::devices::fido2 {

// What a FIDO_ERR_* means for the person: CTAP 2.1 §8.2's status codes, and libfido2's own
// (negative). The link's trouble explains those that only say that nothing came.
[[nodiscard]] reader::Failed failed(int fido_error, LinkTrouble trouble);
// What this key can't do.
[[nodiscard]] inline reader::Failed unsupported(const char* what) {
  return {.failure = reader::Failure::unsupported, .detail = what};
}
// A fault of ours, or memory that could not be had.
[[nodiscard]] inline reader::Failed internal(const char* what) {
  return {.failure = reader::Failure::internal, .detail = what};
}

}  // namespace countersign::devices::fido2
