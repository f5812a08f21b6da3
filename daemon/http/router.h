// SPDX-License-Identifier: Apache-2.0
// Finds the route for a request, and the texts in its path and query.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/http/route.h"

namespace countersign::http {

// Finds the row for a request line. Immutable once built; any thread.
class Router {
 public:
  explicit Router(std::vector<Route> routes);

  struct Found {
    const Route* route = nullptr;  // nothing: problem says why
    api::Texts texts;              // path and query
    Error problem;
  };
  // target: as in the request line, path and query. Broken percent-encoding or a name given twice
  // is invalid.
  [[nodiscard]] Found find(std::string_view method, std::string_view target) const;

  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

[[nodiscard]] std::string_view name_of(Method method);  // "GET"
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

}  // namespace countersign::http
