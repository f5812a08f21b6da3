// SPDX-License-Identifier: Apache-2.0
// What fuzz targets of importers share.
#pragma once

#include <algorithm>
#include <cstdlib>

#include "core/formats/sink.h"

namespace countersign::formats::fuzz {

// Hands out the input in pieces whose sizes its first octet sets.
inline Source source_of(const std::uint8_t* data, std::size_t size) {
  const std::size_t piece = size == 0 ? 1 : 1U + data[0] * 16U;
  return [data, size, piece](std::span<char> out) mutable -> Result<std::size_t> {
    const std::size_t now = std::min({size, piece, out.size()});
    std::copy_n(data, now, reinterpret_cast<std::uint8_t*>(out.data()));
    data += now;
    size -= now;
    return now;
  };
}

inline void must_hold(bool held) {
  if (!held) std::abort();
}

// Checks every row with a function that says whether it may leave an importer, and that lines go
// up.
template <class Row, class Valid>
class Checked final : public Sink<Row> {
 public:
  explicit Checked(Valid valid) : valid_(valid) {}
  void row(Row&& row) override {
    must_hold(valid_(row) && row.line >= line_);
    line_ = row.line;
    ++rows_;
  }
  void refused(Refused&& refused) override {
    must_hold(!refused.reason.empty() && refused.line > 0);
    ++refused_;
  }
  void finish(const Tally& tally) const {
    must_hold(tally.rows == rows_ && tally.refused == refused_);
  }

 private:
  Valid valid_;
  std::size_t line_ = 1;
  std::size_t rows_ = 0;
  std::size_t refused_ = 0;
};

}  // namespace countersign::formats::fuzz
