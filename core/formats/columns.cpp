// SPDX-License-Identifier: Apache-2.0
#include "core/formats/columns.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/formats/token_record.h"

namespace countersign::formats {
namespace {

std::string plain_name(std::string_view header) {
  std::string name;
  for (const char c : header)
    if (!std::string_view(" _-.").contains(c))
      name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return name;
}

std::size_t column_of(std::string_view field, std::span<const ColumnName> known) {
  const auto found = std::ranges::find(
      known, plain_name(field), [](const ColumnName& name) { return std::string(name.name); });
  return found == known.end() ? no_column : found->column;
}

Result<void> add_column(Header& header, std::size_t column, std::string_view field) {
  if (column != no_column && std::ranges::find(header.columns, column) != header.columns.end())
    return fail(Code::invalid,
                fmt::format("the header has the column '{}' twice", shown_value(field)));
  header.columns.push_back(column);
  return {};
}

}  // namespace

Result<Header> match_header(std::span<const std::string> header,
                            std::span<const ColumnName> known) {
  while (!header.empty() && trim(header.back()).empty()) header = header.first(header.size() - 1);
  Header matched;
  for (const std::string& field : header) {
    const std::string_view name = trim(field);
    const std::size_t column = column_of(name, known);
    if (column == no_column && !name.empty()) matched.passed_over.push_back(shown_value(name));
    TRY(add_column(matched, column, name));
  }
  return matched;
}

Result<Header> parse_columns(std::string_view list, std::span<const ColumnName> known) {
  Header named;
  for (bool more = true; more;) {
    const auto comma = list.find(',');
    const std::string_view name = trim(list.substr(0, comma));
    more = comma != std::string_view::npos;
    if (more) list.remove_prefix(comma + 1);
    const std::size_t column = name == "-" ? no_column : column_of(name, known);
    if (column == no_column && name != "-")
      return fail(Code::invalid,
                  fmt::format("'{}' is not a column; write - for one to skip", shown_value(name)));
    TRY(add_column(named, column, name));
  }
  return named;
}

}  // namespace countersign::formats
