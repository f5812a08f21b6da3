// SPDX-License-Identifier: Apache-2.0
// Comma-separated values (RFC 4180), read as a stream and written so that no spreadsheet runs them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/formats/source.h"

namespace countersign::formats {

// Rows end with LF or CRLF, the last one also with the file; a UTF-8 byte order mark is skipped; empty lines are
// passed over. What was read is wiped at the end, since fields hold secrets.
class CsvReader {
 public:
  explicit CsvReader(const Source& source);
  ~CsvReader();
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  // False at the end of the file; corrupt when it ends inside quotes.
  [[nodiscard]] Result<bool> next();
  // Until the next call. A field that append_csv_field made harmless is given as it was.
  [[nodiscard]] std::span<const std::string> fields() const { return std::span(fields_).first(count_); }
  // Not empty: the row can't be used, and why (a field over longest_field, too many fields, a stray quote).
  [[nodiscard]] const std::string& defect() const { return defect_; }
  [[nodiscard]] std::size_t line() const { return row_line_; }  // where the row begins

 private:
  static constexpr std::size_t most_fields = 64;

  [[nodiscard]] Result<bool> fill();
  void begin_field();
  void end_field();
  void append(std::string_view text);

  const Source& source_;
  std::string buffer_;  // fixed size
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool at_end_ = false;
  std::vector<std::string> fields_;  // kept between rows, so that reading allocates nothing
  std::size_t count_ = 0;
  std::string defect_;
  std::size_t line_ = 1;
  std::size_t row_line_ = 0;
};

// Appends a field with the quotes it needs. One that a spreadsheet would run as a formula (it begins with = + - @,
// a tab or a carriage return) gets an apostrophe in front, which CsvReader takes away again (T34).
void append_csv_field(std::string& out, std::string_view field);
// A row with its CRLF.
void append_csv_row(std::string& out, std::span<const std::string_view> fields);

}  // namespace countersign::formats
