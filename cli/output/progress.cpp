// SPDX-License-Identifier: Apache-2.0
#include "cli/output/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace countersign::cli {
namespace {

constexpr int bar_width = 30;

}  // namespace

Progress::Progress(std::string_view what) : what_(what), terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (terminal_) fmt::print(stderr, "\r\x1b[K");
}

void Progress::show(double done, std::size_t rows) {
  if (!terminal_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + std::chrono::milliseconds(100);
  const int filled = static_cast<int>(std::clamp(done, 0.0, 1.0) * bar_width);
  fmt::print(stderr, "\r{} [{}{}] {:3.0f} %, {} rows\x1b[K", what_,
             std::string(static_cast<std::size_t>(filled), '#'),
             std::string(static_cast<std::size_t>(bar_width - filled), ' '), done * 100, rows);
  std::fflush(stderr);
}

}  // namespace countersign::cli
