// SPDX-License-Identifier: Apache-2.0
// countersign-bench [P1 P2 ...] [--json]: the table of figures, each beside a limit measured in the
// same run.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <set>

#include "core/base/text.h"
#include "tests/bench/cards.h"
#include "tests/bench/figure.h"

namespace countersign::bench {
namespace {

const std::set<std::string> ids = {"P1", "P2",  "P3",  "P4",  "P5",  "P6",  "P7",
                                   "P8", "P11", "P12", "P13", "P14", "P15", "P16"};

std::string number(double value) {
  return value >= 1000 ? fmt::format("{:.0f}", value) : fmt::format("{:.4g}", value);
}

void print_row(const Figure& row) {
  fmt::print("{:<4} {:>10} {:<4} {:>10} {:>7.2f}  {:<8} {:<4} {}\n", row.id, number(row.figure),
             row.unit, number(row.limit), row.ratio, row.goal, row.met ? "yes" : "NO", row.notes);
  std::fflush(stdout);
}

std::string to_json(const Figures& figures) {
  std::string out = "{\"figures\":[";
  for (const Figure& row : figures) {
    if (out.back() == '}') out += ',';
    out += fmt::format(
        R"({{"id":"{}","figure":{:.6g},"unit":"{}","limit":{:.6g},"ratio":{:.4g},"goal":"{}","met":{},"notes":)",
        row.id, row.figure, row.unit, row.limit, row.ratio, row.goal, row.met);
    append_json_string(out, row.notes);
    out += '}';
  }
  return out + "]}";
}

int run(const std::set<std::string>& chosen, bool json) {
  const Wanted wanted = [&](const std::string& id) {
    return chosen.empty() || chosen.contains(id);
  };
  Figures all;
  bool failed = false;
  if (!json)
    fmt::print("{:<4} {:>10} {:<4} {:>10} {:>7}  {:<8} {:<4}\n", "id", "figure", "unit", "limit",
               "ratio", "goal", "met");
  for (const auto measure : {measure_verifications, measure_validations, measure_calls,
                             measure_recognition, measure_assertions, measure_factors,
                             measure_commands, measure_million, measure_strangers, measure_cards}) {
    Figures rows;
    try {
      measure(wanted, rows);
    } catch (const std::exception& error) {
      fmt::print(stderr, "countersign-bench: {}\n", error.what());
      failed = true;
    }
    if (!json)
      for (const Figure& row : rows) print_row(row);
    all.insert(all.end(), rows.begin(), rows.end());
  }
  if (json) fmt::print("{}\n", to_json(all));
  return failed ? 1 : 0;
}

}  // namespace

Figure make_figure(std::string id, double figure, std::string unit, double limit, Goal goal,
                   double wanted, std::string notes) {
  const double ratio = figure / limit;
  return {.id = std::move(id),
          .figure = figure,
          .unit = std::move(unit),
          .limit = limit,
          .ratio = ratio,
          .goal = fmt::format("{} {:g}", goal == Goal::at_least ? ">=" : "<=", wanted),
          .met = goal == Goal::at_least ? ratio >= wanted : ratio <= wanted,
          .notes = std::move(notes)};
}

}  // namespace countersign::bench

int main(int argc, char** argv) {
  std::set<std::string> chosen;
  bool json = false;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--json")
      json = true;
    else if (countersign::bench::ids.contains(word))
      chosen.insert(word);
    else
      return fmt::print(stderr,
                        "usage: countersign-bench [P1 P2 P3 P4 P5 P6 P7 P8 P11 P12 P13 P14 P15 "
                        "P16] [--json]\n"),
             2;
  }
  return countersign::bench::run(chosen, json);
}
