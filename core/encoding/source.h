// SPDX-License-Identifier: Apache-2.0
// How a reader gets its file: as a stream, so that memory does not grow with it.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace countersign::formats {

// Fills the front of the span and says how much; 0 is the end of the file. A read error is not an
// end: it is an Error, and the import fails.
using Source = std::function<Result<std::size_t>(std::span<char>)>;

// The longest field or line that any importer takes; a longer one is refused, not stored.
inline constexpr std::size_t longest_field = 64 * 1024;

}  // namespace countersign::formats
