// SPDX-License-Identifier: Apache-2.0
// The walk over a CSV file, shared by the importers of tokens and users.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>

#include "core/base/text.h"
#include "core/formats/columns.h"
#include "core/formats/csv.h"
#include "core/formats/damage.h"

namespace countersign::formats {

// The fields of a row by column, trimmed; empty where the file has no such column.
template <std::size_t Columns>
using TableRow = std::array<std::string_view, Columns>;

// Puts the fields where their columns are. invalid: too few or too many fields, or one that a
// spreadsheet spoilt.
template <std::size_t Columns>
[[nodiscard]] Result<TableRow<Columns>> arrange(std::span<const std::string> fields,
                                                const std::vector<std::size_t>& columns) {
  while (fields.size() > columns.size() && trim(fields.back()).empty())
    fields = fields.first(fields.size() - 1);
  if (fields.size() != columns.size())
    return fail(Code::invalid,
                fmt::format("the row has {} fields, the header {}", fields.size(), columns.size()));
  TableRow<Columns> row;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (columns[i] == no_column) continue;
    const std::string_view value = trim(fields[i]);
    TRY(require_undamaged(value, i + 1));
    row[columns[i]] = value;
  }
  return row;
}

// The columns that the first row names.
[[nodiscard]] inline Result<Header> read_header(CsvReader& reader, Tally& tally,
                                                std::span<const ColumnName> known) {
  const auto more = reader.next();
  tally.line = reader.line();
  if (!more) return std::unexpected(more.error());
  if (!*more) return fail(Code::invalid, "the file is empty; it needs a header and rows");
  if (!reader.defect().empty()) return fail(Code::invalid, reader.defect());
  if (std::ranges::any_of(reader.fields(), [](const std::string& f) { return f.contains('\r'); }))
    return fail(Code::invalid, "its lines end with CR alone: save the file as CSV (UTF-8)");
  return match_header(reader.fields(), known);
}

// One of them may be a misspelt one that is needed.
[[nodiscard]] inline std::string unknown_columns(const Header& header) {
  return header.passed_over.empty()
             ? std::string()
             : fmt::format(" (unknown columns: {})", fmt::join(header.passed_over, ", "));
}

// given: the columns of a file without a header. check(columns) -> Result<void>; parse(row) ->
// Result<Record>, with a member line that is set here.
template <class Record, std::size_t Columns, class Check, class Parse>
[[nodiscard]] Result<void> import_table(const Source& source, Sink<Record>& sink, Tally& tally,
                                        std::span<const ColumnName> known, Check check, Parse parse,
                                        std::optional<Header> given = {}) {
  CsvReader reader(source, Separator::as_in_first_line);
  Result<Header> header =
      given ? Result<Header>(std::move(*given)) : read_header(reader, tally, known);
  if (!header) return std::unexpected(header.error());
  if (Result<void> held = check(header->columns); !held)
    return fail(held.error().code, held.error().what + unknown_columns(*header));
  tally.passed_over = std::move(header->passed_over);

  for (;;) {
    const auto more = reader.next();
    tally.line = reader.line();
    if (!more) return std::unexpected(more.error());
    if (!*more) return {};
    if (!reader.defect().empty()) {
      refuse(sink, tally, tally.line, reader.defect());
      continue;
    }
    const auto fields = reader.fields();
    if (std::ranges::all_of(fields, [](const std::string& field) { return trim(field).empty(); }))
      continue;
    const auto row = arrange<Columns>(fields, header->columns);
    Result<Record> record = row ? parse(*row) : std::unexpected(row.error());
    if (record) {
      record->line = tally.line;
      take(sink, tally, std::move(*record));
    } else {
      refuse(sink, tally, tally.line, std::move(record.error().what));
    }
  }
}

[[nodiscard]] inline bool has_column(const std::vector<std::size_t>& columns, std::size_t column) {
  return std::find(columns.begin(), columns.end(), column) != columns.end();
}

}  // namespace countersign::formats
