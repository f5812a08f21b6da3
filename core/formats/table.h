// SPDX-License-Identifier: Apache-2.0
// The walk over a CSV file with a header, shared by the importers of tokens and users.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/formats/columns.h"
#include "core/formats/csv.h"
#include "core/formats/uri.h"

namespace countersign::formats {

// The fields of a row by column, trimmed; empty where the file has no such column.
template <std::size_t Columns>
using TableRow = std::array<std::string_view, Columns>;

// check(columns of the header) -> Result<void>; parse(row) -> Result<Record>, with a member line that is set here.
template <class Record, std::size_t Columns, class Check, class Parse>
[[nodiscard]] Result<void> import_table(const Source& source, Sink<Record>& sink, Tally& tally, std::span<const ColumnName> known,
                                        Check check, Parse parse) {
  CsvReader reader(source);
  auto more = reader.next();
  tally.line = reader.line();
  if (!more) return std::unexpected(more.error());
  if (!*more) return fail(Code::invalid, "the file is empty; it needs a header and rows");
  if (!reader.defect().empty()) return fail(Code::invalid, reader.defect());
  const auto columns = match_header(reader.fields(), known);
  if (!columns) return std::unexpected(columns.error());
  if (Result<void> held = check(*columns); !held) return held;

  for (;;) {
    more = reader.next();
    tally.line = reader.line();
    if (!more) return std::unexpected(more.error());
    if (!*more) return {};
    const auto fields = reader.fields();
    if (!reader.defect().empty()) {
      refuse(sink, tally, tally.line, reader.defect());
      continue;
    }
    if (fields.size() != columns->size()) {
      refuse(sink, tally, tally.line, fmt::format("the row has {} fields, the header {}", fields.size(), columns->size()));
      continue;
    }
    TableRow<Columns> row;
    for (std::size_t i = 0; i < fields.size(); ++i) row[(*columns)[i]] = trim(fields[i]);
    Result<Record> record = parse(row);
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
