// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "core/result.h"

namespace countersign::routes {

inline constexpr int longest_page = 1000;

[[nodiscard]] inline Result<std::size_t> page_limit(const std::optional<int>& asked) {
  if (asked && (*asked < 1 || *asked > longest_page)) return fail(Code::invalid, "field 'limit' must be 1 to 1000");
  return static_cast<std::size_t>(asked.value_or(longest_page));
}

}  // namespace countersign::routes
