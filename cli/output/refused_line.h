// SPDX-License-Identifier: Apache-2.0
// How a refused line of a file is shown.
#pragma once

#include <cstdint>
#include <string>

#include "daemon/api/codec/field.h"

namespace countersign::cli {

// A row of a file that was not taken, as the reports of imports name it.
struct RefusedLine {
  std::int64_t line = 0;
  std::string reason;
  static api::Fields fields() {
    return {api::Field{"line", &RefusedLine::line, ""},
            api::Field{"reason", &RefusedLine::reason, ""}};
  }
};

}  // namespace countersign::cli
