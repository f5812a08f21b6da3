// SPDX-License-Identifier: Apache-2.0
// The OpenAPI document, made of the routes.
#pragma once

#include <string>
#include <vector>

#include "daemon/http/route.h"
#include "daemon/services/services.h"

namespace countersign::routes {

// OpenAPI 3.1, from nothing but the rows.
[[nodiscard]] std::string openapi_document(const std::vector<http::Route>& routes,
                                           const std::string& version);
[[nodiscard]] http::Route openapi_route(Services& services);

}  // namespace countersign::routes
