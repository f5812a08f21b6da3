// SPDX-License-Identifier: Apache-2.0
// The note about columns of a file that were skipped.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>
#include <string>
#include <vector>

#include "cli/front.h"
#include "core/base/text.h"

namespace countersign::cli {

// Names the columns of a file that an import does not know: one of them may be a misspelt one that
// it does.
inline void note_passed_over(Front& front, const std::string& file,
                             const std::optional<std::vector<std::string>>& columns) {
  if (front.json || !columns || columns->empty()) return;
  front.out().note(
      fmt::format("{}: skipped unknown columns: {}", escape_text(file), fmt::join(*columns, ", ")));
}

}  // namespace countersign::cli
