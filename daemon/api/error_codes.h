// SPDX-License-Identifier: Apache-2.0
// Every kind of failure, once: its name in problem+json (RFC 9457), its HTTP status (RFC 9110), and
// the exit status with which the command line ends. Only PAM has return values of its own
// (daemon/pam/module.cpp).
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "core/base/result.h"

namespace countersign::api {

struct ErrorCode {
  Code code;
  std::string_view name;
  int http_status;
  std::string_view title;  // of that HTTP status
  int exit_status;         // countersign(1), EXIT STATUS; cli/exit_code.h names them
};

// In the order of the enumerators.
inline constexpr std::array error_codes{
    ErrorCode{Code::invalid, "invalid", 400, "Bad Request", 2},
    ErrorCode{Code::not_found, "not_found", 404, "Not Found", 6},
    ErrorCode{Code::exists, "exists", 409, "Conflict", 6},
    ErrorCode{Code::not_permitted, "not_permitted", 403, "Forbidden", 5},
    ErrorCode{Code::fresh_needed, "fresh_needed", 403, "Forbidden", 5},
    ErrorCode{Code::conflict, "conflict", 409, "Conflict", 7},
    ErrorCode{Code::exhausted, "exhausted", 429, "Too Many Requests", 7},
    ErrorCode{Code::unavailable, "unavailable", 503, "Service Unavailable", 7},
    ErrorCode{Code::corrupt, "corrupt", 500, "Internal Server Error", 7},
    ErrorCode{Code::timed_out, "timed_out", 504, "Gateway Timeout", 4},
    ErrorCode{Code::cancelled, "cancelled", 504, "Gateway Timeout", 4},
    ErrorCode{Code::internal, "internal", 500, "Internal Server Error", 7},
};

[[nodiscard]] constexpr const ErrorCode& error_code(Code code) {
  return error_codes[static_cast<std::size_t>(code)];
}

// A name that this program does not know comes from a daemon of another version: internal.
[[nodiscard]] constexpr Code code_named(std::string_view name) {
  for (const ErrorCode& each : error_codes)
    if (each.name == name) return each.code;
  return Code::internal;
}

static_assert([] {
  for (std::size_t i = 0; i < error_codes.size(); ++i)
    if (static_cast<std::size_t>(error_codes[i].code) != i) return false;
  return error_codes.back().code == Code::internal;
}());

}  // namespace countersign::api
