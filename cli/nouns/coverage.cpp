// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/coverage.h"
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/nouns.h"
#include "cli/pages.h"

namespace countersign::cli {

void add_coverage(Command& noun, Front& front) {
  auto location = std::make_shared<std::string>();
  auto service_accounts = std::make_shared<bool>(false);
  noun.add_option("--location", *location, "Only this location");
  noun.add_flag("--service-accounts", *service_accounts, "Count service accounts as well");
  noun.callback([&front, location, service_accounts] {
    Query query;
    query.add("location", *location);
    if (*service_accounts) query.add("service_accounts", "true");
    const auto coverage = front.get<api::Coverage>("/v1/coverage" + query.text());
    if (!coverage) return front.fail_with(coverage.error());
    front.out().object(front.answer());
    std::vector<std::vector<std::string>> rows;
    for (const api::LocationCoverage& at : coverage->locations)
      rows.push_back({at.location.empty() ? "(none)" : at.location, fmt::to_string(at.users),
                      fmt::to_string(at.with_factor), fmt::to_string(at.without_factor),
                      at.locked_out ? "nobody could get in" : "ok"});
    front.out().table({"LOCATION", "USERS", "WITH FACTOR", "WITHOUT", ""}, rows,
                      location->empty() ? "There are no users yet; 'countersign user add' adds one."
                                        : "There are no users at this location.");
  });
}

}  // namespace countersign::cli
