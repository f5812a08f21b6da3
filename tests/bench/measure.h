// SPDX-License-Identifier: Apache-2.0
// Time, medians, rounds.
#pragma once

#include <algorithm>
#include <chrono>
#include <vector>

namespace countersign::bench {

inline constexpr int rounds = 5;

[[nodiscard]] inline double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

[[nodiscard]] inline double quantile(std::vector<double> values, double share) {
  const auto place = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5);
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(place));
  return values[place];
}
[[nodiscard]] inline double median(std::vector<double> values) {
  return quantile(std::move(values), 0.5);
}

struct Medians {
  double figure = 0, limit = 0;
};
// Figure and limit by turns, so that a slow moment of the machine meets both.
[[nodiscard]] Medians interleave(auto&& figure, auto&& limit, int times = rounds) {
  std::vector<double> figures, limits;
  for (int round = 0; round < times; ++round) {
    limits.push_back(limit());
    figures.push_back(figure());
  }
  return {median(figures), median(limits)};
}

// Microseconds that one call takes, over so many.
[[nodiscard]] double time_each(int times, auto&& call) {
  const double begin = seconds();
  for (int i = 0; i < times; ++i) call();
  return (seconds() - begin) / times * 1e6;
}

}  // namespace countersign::bench
