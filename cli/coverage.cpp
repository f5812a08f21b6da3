// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/nouns.h"
#include "cli/pages.h"

namespace countersign::cli {

void add_coverage(CLI::App& noun, Front& front) {
  auto location = std::make_shared<std::string>();
  noun.add_option("--location", *location, "Only this location");
  noun.callback([&front, location] {
    Query query;
    query.add("location", *location);
    const auto coverage = front.get<api::Coverage>("/v1/coverage" + query.text());
    if (!coverage) return front.fail_with(coverage.error());
    front.out().object(front.answer());
    std::vector<std::vector<std::string>> rows;
    for (const api::LocationCoverage& at : coverage->locations)
      rows.push_back({at.location.empty() ? "(none)" : at.location, fmt::to_string(at.users), fmt::to_string(at.with_factor), fmt::to_string(at.without_factor),
                      at.locked_out ? "nobody could get in" : "ok"});
    front.out().table({"LOCATION", "USERS", "WITH FACTOR", "WITHOUT", ""}, rows, "There are no users there.");
  });
}

}  // namespace countersign::cli
