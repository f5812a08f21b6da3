// SPDX-License-Identifier: Apache-2.0
#include "core/formats/utf8_source.h"

#include <algorithm>
#include <string_view>

#include "core/base/secret.h"

namespace countersign::formats {
namespace {

constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";
constexpr std::string_view little_mark = "\xFF\xFE";
constexpr std::string_view big_mark = "\xFE\xFF";
constexpr char32_t no_character = 0xFFFFFFFF;

bool high_half(char16_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool low_half(char16_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

}  // namespace

Utf8Source::~Utf8Source() {
  wipe(raw_.data(), raw_.size());
  wipe(text_.data(), text_.size());
}

// Reads enough to know the encoding; what is no mark is text.
Result<void> Utf8Source::begin() {
  for (bool more = true; more && raw_size_ < utf8_mark.size();) {
    const auto got = TRY(source_(std::span(raw_).subspan(raw_size_)));
    raw_size_ += got;
    more = got > 0;
  }
  const std::string_view front(raw_.data(), raw_size_);
  std::size_t mark = 0;
  encoding_ = Encoding::utf8;
  if (front.starts_with(utf8_mark)) {
    mark = utf8_mark.size();
  } else if (front.starts_with(little_mark) || front.starts_with(big_mark)) {
    encoding_ = front.starts_with(little_mark) ? Encoding::utf16_little : Encoding::utf16_big;
    mark = little_mark.size();
  } else if (raw_size_ >= 2 && (front[0] == '\0') != (front[1] == '\0')) {
    encoding_ = front[1] == '\0' ? Encoding::utf16_little : Encoding::utf16_big;
  }
  raw_size_ -= mark;
  std::copy_n(raw_.begin() + static_cast<std::ptrdiff_t>(mark), raw_size_, raw_.begin());
  if (encoding_ != Encoding::utf8) return {};
  text_size_ = raw_size_;
  std::copy_n(raw_.begin(), raw_size_, text_.begin());
  return {};
}

void Utf8Source::put(char32_t c) {
  const auto octet = [this](char32_t value) { text_.at(text_size_++) = static_cast<char>(value); };
  if (c == no_character) return octet(0xFF);
  if (c < 0x80) return octet(c);
  if (c < 0x800) return octet(0xC0 | c >> 6), octet(0x80 | (c & 0x3F));
  octet(c < 0x10000 ? 0xE0 | c >> 12 : 0xF0 | c >> 18);
  if (c >= 0x10000) octet(0x80 | (c >> 12 & 0x3F));
  octet(0x80 | (c >> 6 & 0x3F));
  octet(0x80 | (c & 0x3F));
}

void Utf8Source::take(char16_t unit) {
  if (high_ != 0 && low_half(unit)) {
    put(0x10000 + ((char32_t{high_} & 0x3FF) << 10) + (char32_t{unit} & 0x3FF));
    high_ = 0;
    return;
  }
  if (high_ != 0) put(no_character);
  high_ = high_half(unit) ? unit : char16_t{0};
  if (high_ == 0) put(low_half(unit) ? no_character : char32_t{unit});
}

// The next piece of the file into text_. False at its end.
Result<bool> Utf8Source::convert() {
  const auto got = TRY(source_(std::span(raw_).subspan(raw_size_)));
  raw_size_ += got;
  const bool ended = got == 0;
  text_at_ = text_size_ = 0;
  const std::size_t first = encoding_ == Encoding::utf16_little ? 0 : 1;
  std::size_t at = 0;
  for (; at + 2 <= raw_size_; at += 2)
    take(static_cast<char16_t>(static_cast<unsigned char>(raw_[at + first]) |
                               static_cast<unsigned char>(raw_[at + 1 - first]) << 8U));
  std::copy_n(raw_.begin() + static_cast<std::ptrdiff_t>(at), raw_size_ - at, raw_.begin());
  raw_size_ -= at;
  if (ended && (raw_size_ != 0 || high_ != 0))
    return fail(Code::corrupt, "the file ends inside a character of UTF-16: it was cut off");
  return !ended || text_size_ > 0;
}

Result<std::size_t> Utf8Source::operator()(std::span<char> out) {
  if (encoding_ == Encoding::unknown) TRY(begin());
  while (text_at_ == text_size_) {
    if (encoding_ == Encoding::utf8) return source_(out);
    const auto more = TRY(convert());
    if (!more) return 0;
  }
  const std::size_t size = std::min(out.size(), text_size_ - text_at_);
  std::copy_n(text_.begin() + static_cast<std::ptrdiff_t>(text_at_), size, out.begin());
  text_at_ += size;
  return size;
}

}  // namespace countersign::formats
