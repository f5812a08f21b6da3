// SPDX-License-Identifier: Apache-2.0
// Which PINs a security key may be given (CTAP 2.1 section 6.5.1).
#pragma once

#include "core/base/result.h"
#include "core/base/secret.h"

namespace countersign::devices::fido2 {

// What can't be a PIN never reaches a token and spends no try (T17). CTAP 2.1 §6.5.1: valid UTF-8
// without NUL, at most 63 octets, at least so many code points (4 unless the token asks for more).
// What the message says is for people.
[[nodiscard]] Result<void> check_pin(const Secret& pin, std::int64_t min_code_points);

// The same octets with a NUL after them, as C wants them.
[[nodiscard]] Secret terminated(const Secret& pin);
[[nodiscard]] const char* c_text(const Secret& terminated);

}  // namespace countersign::devices::fido2
