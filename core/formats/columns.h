// SPDX-License-Identifier: Apache-2.0
// The header row of a CSV file, matched with the columns that an importer knows.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace countersign::formats {

// One way to write a column's name; several may mean the same column. Written in lower case without
// spaces, underscores, dashes and dots, which headers may have or not: "Serial Number" is
// "serialnumber".
struct ColumnName {
  std::string_view name;
  std::size_t column;
};

inline constexpr std::size_t no_column = SIZE_MAX;

struct Header {
  std::vector<std::size_t> columns;      // of each field; no_column: its values are passed over
  std::vector<std::string> passed_over;  // the names of those, made safe to show
};

// Unknown columns are passed over, and so are fields without a name; those at the end do not count.
// Refuses, by name, a column that is there twice.
[[nodiscard]] Result<Header> match_header(std::span<const std::string> header,
                                          std::span<const ColumnName> known);

// The columns of a file without a header, as somebody wrote them: "serial,secret,-,type". "-" is
// passed over; a name that is unknown is refused.
[[nodiscard]] Result<Header> parse_columns(std::string_view list,
                                           std::span<const ColumnName> known);

}  // namespace countersign::formats
