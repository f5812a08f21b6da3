// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/route.h"

#include <algorithm>

#include "daemon/api/error_codes.h"
#include "daemon/api/problem.h"

namespace countersign::http {
namespace {

api::Problem problem_body(const Error& error) {
  const api::ErrorCode& code = api::error_code(error.code);
  return {.title = std::string(code.title),
          .status = code.http_status,
          .detail = error.what,
          .code = std::string(code.name),
          .change = error.change.empty() ? std::nullopt : std::optional(error.change)};
}

}  // namespace

Response problem(const Error& error) {
  const api::Problem body = problem_body(error);
  return {.status = body.status, .body = api::encode(body), .media = Media::problem};
}

std::string problem_line(const Error& error) {
  return R"({"event":"problem",)" + api::encode(problem_body(error)).substr(1);
}

std::vector<int> statuses_of(Method method, const std::vector<Code>& failures) {
  std::vector<int> statuses = {200, 400, 403, 413, 500, 503};
  if (method != Method::get)
    statuses.push_back(api::error_code(Code::exhausted).http_status);  // Doorkeeper::count_change
  for (const Code code : failures) statuses.push_back(api::error_code(code).http_status);
  std::ranges::sort(statuses);
  const auto [first, last] = std::ranges::unique(statuses);
  statuses.erase(first, last);
  return statuses;
}

}  // namespace countersign::http
