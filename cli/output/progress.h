// SPDX-License-Identifier: Apache-2.0
// A line that says how far a long command is.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

namespace countersign::cli {

// A bar on standard error while something long goes on; only if that is a terminal, and at most ten
// times a second.
class Progress {
 public:
  explicit Progress(std::string_view what);
  ~Progress();  // takes the bar off the screen
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(double done, std::size_t rows);  // done: 0 to 1

 private:
  std::string_view what_;
  bool terminal_;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace countersign::cli
