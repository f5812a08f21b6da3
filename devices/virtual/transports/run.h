// SPDX-License-Identifier: Apache-2.0
// The key as a hidraw device that one program and its children see, by umockdev.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "devices/virtual/transports/key_setup.h"

namespace countersign::virtual_key {

struct RunOptions {
  std::vector<std::string> words;  // the program and its arguments
  int seconds = 600;               // then it gets SIGTERM, two seconds later SIGKILL
};

// The program's exit code; 128 + signal when one ended it; 124 when its time was up; 126, 127 when
// it can't be run. SIGINT, SIGTERM and SIGHUP are handed on to it.
[[nodiscard]] Result<int> run_program(const Setup& setup, const RunOptions& options);

}  // namespace countersign::virtual_key
