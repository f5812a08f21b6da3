// SPDX-License-Identifier: Apache-2.0
// /v1/coverage: who has a factor, by location.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/api/codec/field.h"

namespace countersign::api {

struct CoverageQuery {
  std::optional<std::string> location;
  std::optional<bool> service_accounts;
  static Fields fields() {
    return {Field{"location", &CoverageQuery::location, "Only this location"},
            Field{"service_accounts", &CoverageQuery::service_accounts,
                  "true: service accounts are counted as well"}};
  }
};

struct LocationCoverage {
  std::string location;
  std::int64_t users = 0, with_factor = 0, without_factor = 0;
  bool locked_out = false;
  static Fields fields() {
    return {
        Field{"location", &LocationCoverage::location, "Location; empty: users without one"},
        Field{"users", &LocationCoverage::users, "Users not suspended"},
        Field{"with_factor", &LocationCoverage::with_factor, "Those with a usable authenticator"},
        Field{"without_factor", &LocationCoverage::without_factor, "The others"},
        Field{"locked_out", &LocationCoverage::locked_out, "Nobody there has one"}};
  }
};

struct Coverage {
  std::vector<LocationCoverage> locations;
  static Fields fields() { return {Field{"locations", &Coverage::locations, "In order of name"}}; }
};

}  // namespace countersign::api
