// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/coverage.h"
#include "daemon/routes/routes.h"

namespace countersign::routes {

std::vector<http::Route> coverage_routes(Services& services) {
  std::vector<http::Route> rows;
  rows.push_back(http::make_route<api::CoverageQuery, api::Coverage>(
      {.method = http::Method::get,
       .path = "/v1/coverage",
       .privilege = http::Privilege::helpdesk,
       .where = http::Where::worker,
       .summary = "Who has a usable authenticator, by location; service accounts are left out "
                  "unless asked for",
       .failures = {},
       .handle = [&services](const http::Call&, const api::CoverageQuery& query, auto then) {
         const auto found = services.context.store.coverage(
             {.location = query.location,
              .service_accounts = query.service_accounts.value_or(false)});
         if (!found) return then(std::unexpected(found.error()));
         api::Coverage coverage;
         for (const LocationCoverage& location : *found)
           coverage.locations.push_back(
               {.location = location.location,
                .users = location.users,
                .with_factor = location.with_factor,
                .without_factor = location.users - location.with_factor,
                .locked_out = location.users != 0 && location.with_factor == 0});
         then(std::move(coverage));
       }}));
  return rows;
}

}  // namespace countersign::routes
