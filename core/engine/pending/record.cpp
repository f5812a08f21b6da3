// SPDX-License-Identifier: Apache-2.0
#include "core/engine/pending/record.h"

#include <array>
#include <utility>

namespace countersign::engine {

// Grown by hand: what a string leaves behind when it grows by itself is not wiped.
void RecordWriter::append(std::string_view octets) {
  if (out_.capacity() < out_.size() + octets.size()) {
    std::string larger;
    larger.reserve(2 * (out_.size() + octets.size()) + 256);
    larger = out_;
    wipe(out_);
    out_ = std::move(larger);
  }
  out_.append(octets);
}

void RecordWriter::put_integer(std::int64_t number) {
  std::array<char, sizeof number> octets{};
  for (std::size_t i = 0; i < octets.size(); ++i)
    octets[i] = static_cast<char>(static_cast<std::uint64_t>(number) >> (56 - 8 * i));
  append({octets.data(), octets.size()});
}

void RecordWriter::put(std::string_view text) {
  put_integer(static_cast<std::int64_t>(text.size()));
  append(text);
}

std::string_view RecordReader::octets(std::size_t size) {
  if (!good_ || size > in_.size()) {
    good_ = false;
    in_ = {};
    return {};
  }
  const std::string_view taken = in_.substr(0, size);
  in_.remove_prefix(size);
  return taken;
}

std::int64_t RecordReader::integer() {
  std::uint64_t value = 0;
  for (const char each : octets(sizeof value)) value = value << 8U | static_cast<Byte>(each);
  return static_cast<std::int64_t>(value);
}

std::string_view RecordReader::text() {
  const std::int64_t size = integer();
  return octets(size < 0 ? in_.size() + 1 : static_cast<std::size_t>(size));
}

void RecordReader::take(Basis& basis) {
  auto known = Basis::from_text(text());
  good_ = good_ && known;
  if (known) basis = std::move(*known);
}

}  // namespace countersign::engine
