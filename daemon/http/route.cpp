// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/route.h"

#include <algorithm>

#include "daemon/api/types.h"

namespace countersign::http {
namespace {

std::string_view title_of(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 429:
      return "Too Many Requests";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Internal Server Error";
  }
}

std::string_view name_of(Code code) {
  switch (code) {
    case Code::invalid:
      return "invalid";
    case Code::not_found:
      return "not_found";
    case Code::exists:
      return "exists";
    case Code::not_permitted:
      return "not_permitted";
    case Code::fresh_needed:
      return "fresh_needed";
    case Code::conflict:
      return "conflict";
    case Code::exhausted:
      return "exhausted";
    case Code::unavailable:
      return "unavailable";
    case Code::corrupt:
      return "corrupt";
    case Code::timed_out:
      return "timed_out";
    case Code::cancelled:
      return "cancelled";
    case Code::internal:
      return "internal";
  }
  std::unreachable();
}

}  // namespace

int status_of(Code code) {
  switch (code) {
    case Code::invalid:
      return 400;
    case Code::not_permitted:
    case Code::fresh_needed:
      return 403;
    case Code::not_found:
      return 404;
    case Code::exists:
    case Code::conflict:
      return 409;
    case Code::exhausted:
      return 429;
    case Code::unavailable:
      return 503;
    case Code::timed_out:
    case Code::cancelled:
      return 504;
    case Code::corrupt:
    case Code::internal:
      return 500;
  }
  std::unreachable();
}

namespace {

api::Problem problem_body(const Error& error) {
  const int status = status_of(error.code);
  return {.title = std::string(title_of(status)),
          .status = status,
          .detail = error.what,
          .code = std::string(name_of(error.code)),
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
    statuses.push_back(status_of(Code::exhausted));  // Doorkeeper::count_change
  for (const Code code : failures) statuses.push_back(status_of(code));
  std::ranges::sort(statuses);
  const auto [first, last] = std::ranges::unique(statuses);
  statuses.erase(first, last);
  return statuses;
}

}  // namespace countersign::http
