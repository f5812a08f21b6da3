// SPDX-License-Identifier: Apache-2.0
// What the card does wrong on demand. Each stays until it is cleared.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace countersign::virtual_card {

struct Faults {
  // Commands are counted from 1, since the card got power or the fault was set, whichever was
  // later.
  std::optional<std::uint32_t>
      remove;                          // the card is pulled out in place of the answer to command n
  std::optional<std::uint32_t> reset;  // somebody resets the card before command n, once: what was
                                       // selected and verified is gone
  // Answers with data of at least two octets.
  bool endless = false;  // 61FF, and each GET RESPONSE the same
  bool bad_tlv = false;  // the first length claims more than there is
  bool cut_off = false;  // the second half is missing, the status word says it is well
  bool garbage =
      false;  // certificates are octets that are none, in objects whose lengths are right
  bool bad_gzip = false;  // certificates say that they are compressed, and are not
  // Every answer.
  bool no_status = false;  // a single octet, too short for a status word
  bool too_long = false;   // 65535 octets

  // "NAME" or "NAME=N": remove=N, reset=N, endless-61xx, bad-tlv, cut-off, garbage-certificates,
  // bad-gzip, no-status, too-long; "none" clears all. N in decimal.
  [[nodiscard]] Result<void> set(std::string_view text);
};

}  // namespace countersign::virtual_card
