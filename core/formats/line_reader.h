// SPDX-License-Identifier: Apache-2.0
// Lines of a file, one at a time, in bounded memory.
#pragma once

#include <string>
#include <string_view>

#include "core/formats/utf8_source.h"

namespace countersign::formats {

// Ends of lines are LF or CRLF; the text is UTF-8 or UTF-16 (utf8_source.h). What was read is wiped
// at the end, since lines hold secrets.
class LineReader {
 public:
  explicit LineReader(const Source& source);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  // False at the end of the file. A line longer than longest_field is passed over: too_long() is
  // true and text() empty.
  [[nodiscard]] Result<bool> next();
  [[nodiscard]] std::string_view text() const {
    return text_;
  }  // until the next call; without the line's end
  [[nodiscard]] bool too_long() const { return too_long_; }
  [[nodiscard]] std::size_t line() const { return line_; }

 private:
  [[nodiscard]] Result<bool> fill();

  Utf8Source source_;
  std::string buffer_;  // fixed size
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::string_view text_;
  std::size_t line_ = 0;
  bool too_long_ = false;
};

}  // namespace countersign::formats
