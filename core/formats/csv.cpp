// SPDX-License-Identifier: Apache-2.0
#include "core/formats/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/secret.h"

namespace countersign::formats {
namespace {

constexpr std::string_view separators = ",;\t|";
constexpr std::string_view formula_letters = "=+-@\t\r";

// Does it begin with a formula letter, behind so many apostrophes?
bool formula_behind_apostrophes(std::string_view field) {
  const auto first = field.find_first_not_of('\'');
  return first != std::string_view::npos && formula_letters.contains(field[first]);
}

// "sep=;" tells Excel the separator; in quotes where the file was saved again.
char named_separator(std::string_view line) {
  if (line.starts_with('"') && line.ends_with('"') && line.size() == 7) line = line.substr(1, 5);
  const bool named =
      line.size() == 5 && line.substr(1).starts_with("ep=") && (line[0] == 's' || line[0] == 'S');
  return named && separators.contains(line[4]) ? line[4] : '\0';
}

// The one that stands most often outside of quotes; a comma where none does.
char commonest_separator(std::string_view line) {
  std::array<std::size_t, separators.size()> counts{};
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    if (const auto at = separators.find(c); !quoted && at != std::string_view::npos) ++counts[at];
  }
  return separators[static_cast<std::size_t>(std::ranges::max_element(counts) - counts.begin())];
}

// What ="0012" is the text of; empty: it is no such formula.
std::string_view text_of_formula(std::string_view field) {
  if (field.size() < 4 || !field.starts_with("=\"") || !field.ends_with('"')) return {};
  const std::string_view text = field.substr(2, field.size() - 3);
  return text.contains('"') ? std::string_view() : text;
}

}  // namespace

CsvReader::CsvReader(const Source& source, Separator separator)
    : source_(source), buffer_(longest_field, '\0'), begun_(separator == Separator::comma) {
  fields_.reserve(most_fields);  // never moved: a moved string may leave a secret behind
}

CsvReader::~CsvReader() {
  wipe(buffer_);
  for (std::string& field : fields_) wipe(field.data(), field.capacity());
}

// Holds the first line that says something, as far as the buffer goes, and looks at it.
Result<void> CsvReader::begin() {
  begun_ = true;
  for (;;) {
    const std::string_view held(buffer_.data(), end_);
    const auto text = held.find_first_not_of("\r\n");
    const bool whole_line =
        text != std::string_view::npos && held.find('\n', text) != std::string_view::npos;
    if (whole_line || end_ == buffer_.size()) break;
    const auto got = TRY(source_(std::span(buffer_).subspan(end_)));
    end_ += got;
    if (got == 0) break;
  }
  find_separator();
  return {};
}

void CsvReader::find_separator() {
  const std::string_view held(buffer_.data(), end_);
  const auto text = std::min(held.find_first_not_of("\r\n"), held.size());
  std::string_view line = held.substr(text, held.find('\n', text) - text);
  const std::size_t length = line.size();
  if (line.ends_with('\r')) line.remove_suffix(1);
  stops_[0] = named_separator(line);
  if (stops_[0] == '\0') {
    stops_[0] = commonest_separator(line);
    return;
  }
  begin_ = std::min(text + length + 1, end_);
  line_ += static_cast<std::size_t>(std::ranges::count(held.substr(0, begin_), '\n'));
}

// Reads more when everything was used up. False at the end of the file.
Result<bool> CsvReader::fill() {
  if (begin_ < end_) return true;
  if (at_end_) return false;
  begin_ = end_ = 0;
  const auto got = TRY(source_(std::span(buffer_)));
  end_ = got;
  at_end_ = got == 0;
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
  if (const std::size_t size = text_of_formula(field).size(); size > 0) {
    field.erase(0, 2);
    field.resize(size);
    return;
  }
  if (!field.empty() && field[0] == '\'' && formula_behind_apostrophes(field)) field.erase(0, 1);
}

void CsvReader::append(std::string_view text) {
  if (!defect_.empty()) return;
  std::string& field = fields_[count_ - 1];
  if (field.size() + text.size() > longest_field) {
    defect_ = fmt::format("field {} is longer than {} bytes", count_, longest_field);
    return;
  }
  if (field.size() + text.size() >
      field.capacity()) {  // grow by hand: what is left behind may be a secret
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
  if (!begun_) TRY(begin());
  for (;;) {
    State state = State::start;
    count_ = 0;
    defect_.clear();
    row_line_ = line_;
    bool empty = true;  // nothing but the row's end
    begin_field();
    for (bool row_over = false; !row_over;) {
      const auto more = TRY(fill());
      if (!more) {
        if (state == State::quoted)
          return fail(Code::corrupt, fmt::format("the file ends inside the quotes of the row that "
                                                 "begins at line {}: it was cut off, or a "
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
      if (c == stops_[0]) {
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
      } else if (c == '"' && state == State::plain && fields_[count_ - 1] == "=") {
        fields_[count_ - 1].clear();
        state = State::quoted;
        ++begin_;
      } else if (c == '"' && state == State::quote_in_quoted) {
        append("\"");
        state = State::quoted;
        ++begin_;
      } else if (c == '\r' && state == State::quote_in_quoted) {
        state = State::return_after_quoted;
        ++begin_;
      } else if (c == '"' || state == State::quote_in_quoted ||
                 state == State::return_after_quoted) {
        if (defect_.empty())
          defect_ = fmt::format(
              "field {} has a quote in its middle; quotes go around the whole field, and \"\" "
              "inside is one quote",
              count_);
        state = State::plain;
        ++begin_;
      } else {
        const auto stop = std::min(rest.find_first_of(stops_), rest.size());
        append(rest.substr(0, stop));
        if (stop > 0 && (rest[0] != '\r' || stop > 1)) empty = false;
        if (state == State::start) state = State::plain;
        begin_ += stop;
      }
    }
    // Outside of quotes the CR of a CRLF was taken as part of the field.
    if (std::string& last = fields_[count_ - 1]; state == State::plain && last.ends_with('\r'))
      last.pop_back();
    end_field();
    if (!empty || !defect_.empty()) return true;
  }
}

void append_csv_field(std::string& out, std::string_view field) {
  const bool formula = formula_behind_apostrophes(field);
  const bool quotes = field.find_first_of(",\"\r\n\t;") != std::string_view::npos ||
                      field.starts_with(' ') || field.ends_with(' ');
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
