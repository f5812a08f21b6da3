// SPDX-License-Identifier: Apache-2.0
#include "core/formats/line_reader.h"

#include <cstring>

#include "core/base/secret.h"

namespace countersign::formats {

LineReader::LineReader(const Source& source) : source_(source), buffer_(2 * longest_field, '\0') {}
LineReader::~LineReader() { wipe(buffer_); }

// Reads more behind what is held, moving it to the front first. False at the end of the file.
Result<bool> LineReader::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  const auto got = TRY(source_(std::span(buffer_).subspan(end_)));
  end_ += got;
  return got > 0;
}

Result<bool> LineReader::next() {
  too_long_ = false;
  text_ = {};
  std::size_t searched = 0;
  for (;;) {
    const char* from = buffer_.data() + begin_;
    const std::size_t held = end_ - begin_;
    const void* at =
        held > searched ? std::memchr(from + searched, '\n', held - searched) : nullptr;
    if (at == nullptr && held > longest_field) {  // drop it, remember that it was too long
      too_long_ = true;
      begin_ = end_;
      searched = 0;
      continue;
    }
    std::size_t length = 0;
    if (at != nullptr) {
      length = static_cast<std::size_t>(static_cast<const char*>(at) - from);
      begin_ += length + 1;
    } else {
      searched = held;
      const auto more = TRY(fill());
      if (more) continue;
      if (held == 0 && !too_long_) return false;
      from = buffer_.data() + begin_;
      length = held;
      begin_ = end_;
    }
    ++line_;
    std::string_view text(from, length);
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.size() > longest_field) too_long_ = true;
    if (!too_long_) text_ = text;
    return true;
  }
}

}  // namespace countersign::formats
