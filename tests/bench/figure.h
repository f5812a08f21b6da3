// SPDX-License-Identifier: Apache-2.0
// A row of the table: what was measured beside the limit measured in the same run.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace countersign::bench {

struct Figure {
  std::string id;     // P1 ... of README.md
  double figure = 0;  // median
  std::string unit;
  double limit = 0;  // median
  double ratio = 0;  // figure / limit
  std::string goal;  // about the ratio, as text
  bool met = false;
  std::string notes;  // what was measured, over what
};

enum class Goal { at_least, at_most };
[[nodiscard]] Figure make_figure(std::string id, double figure, std::string unit, double limit,
                                 Goal goal, double wanted, std::string notes);

using Figures = std::vector<Figure>;

// One function a family; each prints nothing and throws std::runtime_error when it can't measure.
// wanted: an id.
using Wanted = std::function<bool(const std::string&)>;
void measure_verifications(const Wanted& wanted, Figures& out);  // P1 P2 P3 P14
void measure_validations(const Wanted& wanted, Figures& out);    // P1, of the validation protocol
void measure_calls(const Wanted& wanted, Figures& out);          // P5
void measure_recognition(const Wanted& wanted, Figures& out);    // P4
void measure_assertions(const Wanted& wanted, Figures& out);     // P6
void measure_factors(const Wanted& wanted, Figures& out);        // P7
void measure_commands(const Wanted& wanted, Figures& out);       // P8 P13
void measure_million(const Wanted& wanted, Figures& out);        // P11 P12
void measure_strangers(const Wanted& wanted, Figures& out);      // P16

}  // namespace countersign::bench
