// SPDX-License-Identifier: Apache-2.0
// Paths and queries.
#include "daemon/http/router.h"

#include "daemon/api/audit.h"
#include "daemon/api/problem.h"
#include "daemon/api/users.h"

using namespace countersign;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const http::Router router = [] {
    std::vector<http::Route> routes;
    for (const char* path : {"/v1/users", "/v1/users/{name}", "/v1/users/{name}/reset",
                             "/v1/audit/events", "/v1/imports/{id}/rows"})
      routes.push_back(http::make_route<api::Nothing, api::Nothing>({.method = http::Method::get,
                                                                     .path = path,
                                                                     .summary = "",
                                                                     .failures = {},
                                                                     .handle = {}}));
    return http::Router(std::move(routes));
  }();
  const http::Router::Found found = router.find("GET", {reinterpret_cast<const char*>(data), size});
  if (found.route == nullptr) return 0;
  (void)api::decode<api::UserQuery>({}, found.texts);
  (void)api::decode<api::UserName>({}, found.texts);
  (void)api::decode<api::AuditQuery>({}, found.texts);
  return 0;
}
