// SPDX-License-Identifier: Apache-2.0
// Comma-separated values (RFC 4180), read as a stream as spreadsheets save them, and written so
// that no spreadsheet runs them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/formats/utf8_source.h"

namespace countersign::formats {

// What parts the fields of a row.
enum class Separator {
  comma,
  as_in_first_line,  // comma, semicolon, tab or bar: what a line "sep=;" says, or the commonest in
                     // the header
};

// Rows end with LF or CRLF, the last one also with the file; the text is UTF-8 or UTF-16
// (utf8_source.h); empty lines are passed over. A text kept from a spreadsheet's guesses as a
// formula, ="0012", is read as 0012. What was read is wiped at the end, since fields hold secrets.
class CsvReader {
 public:
  explicit CsvReader(const Source& source, Separator separator = Separator::comma);
  ~CsvReader();
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  // False at the end of the file; corrupt when it ends inside quotes.
  [[nodiscard]] Result<bool> next();
  // Until the next call. A field that append_csv_field made harmless is given as it was.
  [[nodiscard]] std::span<const std::string> fields() const {
    return std::span(fields_).first(count_);
  }
  // Not empty: the row can't be used, and why (a field over longest_field, too many fields, a stray
  // quote).
  [[nodiscard]] const std::string& defect() const { return defect_; }
  [[nodiscard]] std::size_t line() const { return row_line_; }  // where the row begins

 private:
  static constexpr std::size_t most_fields = 64;

  [[nodiscard]] Result<bool> fill();
  [[nodiscard]] Result<void> begin();
  void find_separator();
  void begin_field();
  void end_field();
  void append(std::string_view text);

  Utf8Source source_;
  std::string buffer_;  // fixed size
  bool begun_;
  std::string stops_ = ",\n\"";  // what a plain field stops at; the first is the separator
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool at_end_ = false;
  std::vector<std::string> fields_;  // kept between rows, so that reading allocates nothing
  std::size_t count_ = 0;
  std::string defect_;
  std::size_t line_ = 1;
  std::size_t row_line_ = 0;
};

// Appends a field with the quotes it needs. One that a spreadsheet would run as a formula (it
// begins with = + - @, a tab or a carriage return) gets an apostrophe in front, which CsvReader
// takes away again (T34).
void append_csv_field(std::string& out, std::string_view field);
// A row with its CRLF.
void append_csv_row(std::string& out, std::span<const std::string_view> fields);

}  // namespace countersign::formats
