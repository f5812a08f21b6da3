// SPDX-License-Identifier: Apache-2.0
// What `doctor` found out about one thing.
#pragma once

#include <string>

#include "daemon/api/codec/field.h"

namespace countersign::cli {

struct Finding {
  std::string check;
  bool good = false;
  std::string detail;  // what is, or what is wrong
  std::string mend;    // the command that mends it
  bool note = false;   // of a good one: worth knowing, and no reason for a tick
  static api::Fields fields() {
    return {api::Field{"check", &Finding::check, ""}, api::Field{"good", &Finding::good, ""},
            api::Field{"detail", &Finding::detail, ""}, api::Field{"mend", &Finding::mend, ""}};
  }
};

}  // namespace countersign::cli
