// SPDX-License-Identifier: Apache-2.0
#include "core/formats/columns.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/formats/token_record.h"

namespace countersign::formats {
namespace {

std::string plain_name(std::string_view header) {
  std::string name;
  for (const char c : header)
    if (!std::string_view(" _-.").contains(c)) name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return name;
}

}  // namespace

Result<std::vector<std::size_t>> match_header(std::span<const std::string> header, std::span<const ColumnName> known) {
  std::vector<std::size_t> columns;
  for (const std::string& field : header) {
    const std::string shown = shown_value(field);
    const auto found = std::ranges::find(known, plain_name(field), [](const ColumnName& name) { return std::string(name.name); });
    if (found == known.end()) {
      const bool semicolons = field.contains(';') && header.size() == 1;
      return fail(Code::invalid, semicolons ? "the columns are separated by semicolons; save the file with commas"
                                            : fmt::format("the header has an unknown column '{}'", shown));
    }
    if (std::ranges::find(columns, found->column) != columns.end())
      return fail(Code::invalid, fmt::format("the header has the column '{}' twice", shown));
    columns.push_back(found->column);
  }
  return columns;
}

}  // namespace countersign::formats
