// SPDX-License-Identifier: Apache-2.0
// The PIN itself: comparing, counting wrong ones, taking a new one (CTAP 2.1 §6.5.5).
#pragma once

#include <string_view>

#include "devices/virtual/key/key.h"

namespace countersign::virtual_key {

// Three wrong PINs in a row: until the key is plugged in again, none is taken.
[[nodiscard]] bool pin_needs_power_cycle(const Key& key);

// Compares a pinHashEnc. ok: it was right, and all eight retries are back. Else pin_not_set,
// pin_blocked, pin_auth_blocked, pin_invalid; a retry is used up, durably, before the comparison.
[[nodiscard]] Status check_pin(Key& key, const SharedSecret& shared, BytesView encrypted_hash);

// A newPinEnc. pin_policy_violation: too short, or the old one where another is demanded.
[[nodiscard]] Status take_new_pin(Key& key, const SharedSecret& shared, BytesView encrypted);

// As UTF-8; counts as a fresh PIN. Used by the command line, too.
[[nodiscard]] Status store_pin(Key& key, std::string_view pin);

}  // namespace countersign::virtual_key
