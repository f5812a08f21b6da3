// SPDX-License-Identifier: Apache-2.0
// The header row of a CSV file, matched with the columns that an importer knows.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace countersign::formats {

// One way to write a column's name; several may mean the same column. Written in lower case without spaces,
// underscores, dashes and dots, which headers may have or not: "Serial Number" is "serialnumber".
struct ColumnName {
  std::string_view name;
  std::size_t column;
};

// For each field of the header its column. Refuses, by name, a column that is unknown or there twice.
[[nodiscard]] Result<std::vector<std::size_t>> match_header(std::span<const std::string> header,
                                                            std::span<const ColumnName> known);

}  // namespace countersign::formats
