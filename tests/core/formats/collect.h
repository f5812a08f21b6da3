// SPDX-License-Identifier: Apache-2.0
// For tests of importers: files from memory, rows into vectors.
#pragma once

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "core/formats/sink.h"

namespace countersign::formats::testing {

// Hands out the text so many bytes at a time.
inline Source source_of(std::string_view text, std::size_t piece = 4096) {
  return [text, piece](std::span<char> out) mutable -> Result<std::size_t> {
    const std::size_t size = std::min({text.size(), piece, out.size()});
    std::copy_n(text.data(), size, out.data());
    text.remove_prefix(size);
    return size;
  };
}

template <class Row>
struct Collected final : Sink<Row> {
  std::vector<Row> rows;
  std::vector<Refused> refusals;
  Tally tally;
  Result<void> result;

  void row(Row&& one) override { rows.push_back(std::move(one)); }
  void refused(Refused&& one) override { refusals.push_back(std::move(one)); }
  [[nodiscard]] bool whole() const { return result.has_value() && refusals.empty(); }
};

// Collected rows of import(source, sink, tally).
template <class Row, class Import>
Collected<Row> collect(std::string_view text, Import import, std::size_t piece = 4096) {
  Collected<Row> collected;
  collected.result = import(source_of(text, piece), collected, collected.tally);
  return collected;
}

inline std::string data_file(const std::string& name) {
  std::ifstream file(std::string(COUNTERSIGN_TEST_DATA) + "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace countersign::formats::testing
