// SPDX-License-Identifier: Apache-2.0
#include "core/formats/csv.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/secret.h"

namespace countersign::formats {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view formula_letters = "=+-@\t\r";

// Does it begin with a formula letter, behind so many apostrophes?
bool formula_behind_apostrophes(std::string_view field) {
  const auto first = field.find_first_not_of('\'');
  return first != std::string_view::npos && formula_letters.contains(field[first]);
}

}  // namespace

CsvReader::CsvReader(const Source& source) : source_(source), buffer_(longest_field, '\0') {
  fields_.reserve(most_fields);  // never moved: a moved string may leave a secret behind
}

CsvReader::~CsvReader() {
  wipe(buffer_);
  for (std::string& field : fields_) wipe(field.data(), field.capacity());
}

// Reads more when everything was used up. False at the end of the file.
Result<bool> CsvReader::fill() {
  if (begin_ < end_) return true;
  if (at_end_) return false;
  const bool first = end_ == 0;
  begin_ = end_ = 0;
  do {  // at the front, enough to see a byte order mark
    const auto got = source_(std::span(buffer_).subspan(end_));
    if (!got) return std::unexpected(got.error());
    end_ += *got;
    at_end_ = *got == 0;
  } while (first && !at_end_ && end_ < byte_order_mark.size());
  if (first && std::string_view(buffer_).substr(0, end_).starts_with(byte_order_mark)) {
    begin_ = byte_order_mark.size();
    return begin_ < end_ ? true : fill();
  }
  return end_ > 0;
}

void CsvReader::begin_field() {
  if (count_ == most_fields) {
    if (defect_.empty()) defect_ = fmt::format("the row has more than {} fields", most_fields);
    fields_[count_ - 1].clear();
    return;
  }
  if (++count_ > fields_.size()) fields_.emplace_back().reserve(64);
  fields_[count_ - 1].clear();
}

void CsvReader::end_field() {
  std::string& field = fields_[count_ - 1];
  if (!field.empty() && field[0] == '\'' && formula_behind_apostrophes(field)) field.erase(0, 1);
}

void CsvReader::append(std::string_view text) {
  if (!defect_.empty()) return;
  std::string& field = fields_[count_ - 1];
  if (field.size() + text.size() > longest_field) {
    defect_ = fmt::format("field {} is longer than {} bytes", count_, longest_field);
    return;
  }
  if (field.size() + text.size() > field.capacity()) {  // grow by hand: what is left behind may be a secret
    std::string larger;
    larger.reserve(std::max<std::size_t>(2 * field.capacity(), field.size() + text.size()));
    larger = field;
    wipe(field);
    field.swap(larger);
  }
  field += text;
}

Result<bool> CsvReader::next() {
  enum class State { start, plain, quoted, quote_in_quoted, return_after_quoted };
  for (;;) {
    State state = State::start;
    count_ = 0;
    defect_.clear();
    row_line_ = line_;
    bool empty = true;  // nothing but the row's end
    begin_field();
    for (bool row_over = false; !row_over;) {
      const auto more = fill();
      if (!more) return std::unexpected(more.error());
      if (!*more) {
        if (state == State::quoted)
          return fail(Code::corrupt,
                      fmt::format("the file ends inside the quotes of the row that begins at line {}: it was cut off, or a "
                                  "quote is missing",
                                  row_line_));
        if (empty) return false;
        break;
      }
      const std::string_view rest(buffer_.data() + begin_, end_ - begin_);
      if (state == State::quoted) {
        const auto stop = std::min(rest.find('"'), rest.size());
        append(rest.substr(0, stop));
        line_ += static_cast<std::size_t>(std::ranges::count(rest.substr(0, stop), '\n'));
        begin_ += stop;
        if (stop < rest.size()) {
          ++begin_;
          state = State::quote_in_quoted;
        }
        continue;
      }
      const char c = rest[0];
      if (c == ',') {
        end_field();
        begin_field();
        state = State::start;
        empty = false;
        ++begin_;
      } else if (c == '\n') {
        ++line_;
        row_over = true;
        ++begin_;
      } else if (c == '"' && state == State::start) {
        state = State::quoted;
        empty = false;
        ++begin_;
      } else if (c == '"' && state == State::quote_in_quoted) {
        append("\"");
        state = State::quoted;
        ++begin_;
      } else if (c == '\r' && state == State::quote_in_quoted) {
        state = State::return_after_quoted;
        ++begin_;
      } else if (c == '"' || state == State::quote_in_quoted || state == State::return_after_quoted) {
        if (defect_.empty())
          defect_ = fmt::format(
              "field {} has a quote in its middle; quotes go around the whole field, and \"\" inside is one quote", count_);
        state = State::plain;
        ++begin_;
      } else {
        const auto stop = std::min(rest.find_first_of(",\n\""), rest.size());
        append(rest.substr(0, stop));
        if (stop > 0 && (rest[0] != '\r' || stop > 1)) empty = false;
        if (state == State::start) state = State::plain;
        begin_ += stop;
      }
    }
    // Outside of quotes the CR of a CRLF was taken as part of the field.
    if (std::string& last = fields_[count_ - 1]; state == State::plain && last.ends_with('\r')) last.pop_back();
    end_field();
    if (!empty || !defect_.empty()) return true;
  }
}

void append_csv_field(std::string& out, std::string_view field) {
  const bool formula = formula_behind_apostrophes(field);
  const bool quotes =
      field.find_first_of(",\"\r\n\t;") != std::string_view::npos || field.starts_with(' ') || field.ends_with(' ');
  if (quotes) out += '"';
  if (formula) out += '\'';
  for (const char c : field) {
    if (c == '"') out += '"';
    out += c;
  }
  if (quotes) out += '"';
}

void append_csv_row(std::string& out, std::span<const std::string_view> fields) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out += ',';
    append_csv_field(out, fields[i]);
  }
  out += "\r\n";
}

}  // namespace countersign::formats
