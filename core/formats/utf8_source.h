// SPDX-License-Identifier: Apache-2.0
// Text files as UTF-8, whatever a spreadsheet saved them as.
#pragma once

#include <array>
#include <span>

#include "core/formats/sink.h"

namespace countersign::formats {

// UTF-16 is converted, in either byte order and also without a byte order mark when it begins with
// a letter of ASCII; a mark is dropped. Everything else passes as it is. Half a surrogate pair
// becomes an octet that is not UTF-8, so that whoever validates the text refuses it. What was read
// is wiped at the end.
class Utf8Source {
 public:
  explicit Utf8Source(const Source& source) : source_(source) {}
  ~Utf8Source();
  Utf8Source(const Utf8Source&) = delete;
  Utf8Source& operator=(const Utf8Source&) = delete;

  // As a Source does. corrupt: the file ends inside a character of UTF-16.
  [[nodiscard]] Result<std::size_t> operator()(std::span<char> out);

 private:
  enum class Encoding { unknown, utf8, utf16_little, utf16_big };

  [[nodiscard]] Result<void> begin();
  [[nodiscard]] Result<bool> convert();
  void take(char16_t unit);
  void put(char32_t character);

  const Source& source_;
  Encoding encoding_ = Encoding::unknown;
  std::array<char, 4096> raw_{};
  std::size_t raw_size_ = 0;
  std::array<char, 8192> text_{};  // what 4096 octets of UTF-16 become at most, and to spare
  std::size_t text_at_ = 0;
  std::size_t text_size_ = 0;
  char16_t high_ = 0;  // the first half of a pair
};

}  // namespace countersign::formats
