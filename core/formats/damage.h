// SPDX-License-Identifier: Apache-2.0
// What spreadsheets do to values: to those that they take for numbers, and to letters beyond ASCII.
#pragma once

#include <string_view>

#include "core/base/result.h"

namespace countersign::formats {

// Refuses what is not UTF-8, and a number that was rounded, "2.60000E+12": its digits are gone.
// field: counted from 1, for the message.
[[nodiscard]] Result<void> require_undamaged(std::string_view value, std::size_t field);

}  // namespace countersign::formats
