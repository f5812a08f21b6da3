// SPDX-License-Identifier: Apache-2.0
// Pages of a list: how long, and after which id.
#pragma once

#include <optional>
#include <string>

#include "core/base/id.h"
#include "core/base/result.h"

namespace countersign::routes {

inline constexpr int longest_page = 1000;

[[nodiscard]] inline Result<std::size_t> page_limit(const std::optional<int>& asked) {
  if (asked && (*asked < 1 || *asked > longest_page))
    return fail(Code::invalid, "field 'limit' must be 1 to 1000");
  return static_cast<std::size_t>(asked.value_or(longest_page));
}

// Only what is behind this one; the first page has none.
template <class Id>
[[nodiscard]] Result<Id> page_after(const std::optional<std::string>& asked) {
  if (!asked) return Id{};
  const auto number = id_from_text(*asked);
  if (!number) return fail(Code::invalid, "field 'after' is not an id");
  return Id{*number};
}

}  // namespace countersign::routes
