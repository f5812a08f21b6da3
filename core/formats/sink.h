// SPDX-License-Identifier: Apache-2.0
// How importers hand on what they find: row by row, so that memory does not grow with the file.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/encoding/source.h"

namespace countersign::formats {

// One row that can't be taken, and why, for the person who made the file.
struct Refused {
  std::size_t line = 0;  // 1 is the first
  std::string reason;
};

// Takes rows as they come, in the order of the file, on the importer's thread. A row is not taken
// for good before the importer has returned success: a cut or tampered file may show only at its
// end (T44).
template <class Row>
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void row(Row&& row) = 0;
  virtual void refused(Refused&& refused) = 0;
};

// Where an importer stands; after it failed, line is where.
struct Tally {
  std::size_t line = 0;
  std::size_t rows = 0;
  std::size_t refused = 0;
  std::vector<std::string> passed_over = {};  // columns that the importer does not know
};

template <class Row>
void take(Sink<Row>& sink, Tally& tally, Row row) {
  ++tally.rows;
  sink.row(std::move(row));
}

template <class Row>
void refuse(Sink<Row>& sink, Tally& tally, std::size_t line, std::string reason) {
  ++tally.refused;
  sink.refused({line, std::move(reason)});
}

}  // namespace countersign::formats
