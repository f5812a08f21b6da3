// SPDX-License-Identifier: Apache-2.0
// How a request fails (RFC 9457), and the answer that says nothing.
#pragma once

#include <optional>
#include <string>

#include "core/authenticator.h"
#include "daemon/api/codec/field.h"

namespace countersign::api {

struct Nothing {
  static Fields fields() { return {}; }
};

struct Problem {
  std::string type = "about:blank";
  std::string title;
  int status = 500;
  std::string detail;
  std::string code;  // of core/result.h
  std::optional<std::string> change;
  static Fields fields() {
    return {Field{"type", &Problem::type, "Always about:blank"},
            Field{"title", &Problem::title, "The status in words"},
            Field{"status", &Problem::status, "The HTTP status"},
            Field{"detail", &Problem::detail, "What happened and what to do"},
            Field{"code", &Problem::code,
                  "Kind of failure: invalid, not_found, exists, not_permitted, conflict, ..."},
            Field{"change", &Problem::change,
                  "Of fresh_needed: the change that a fresh verification has to be for", 2048}};
  }
};

}  // namespace countersign::api
