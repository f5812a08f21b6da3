// SPDX-License-Identifier: Apache-2.0
// Wire types of what changes rest on: permits for lists, and the end of bootstrap.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "daemon/api/codec/field.h"

namespace countersign::api {

struct PermitRequest {
  std::string kind;
  std::vector<std::string> list;
  static Fields fields() {
    return {
        Field{"kind", &PermitRequest::kind,
              "What each row permits: yubico-otp, hmac or hotp of a user's, or users (batches of "
              "an import)",
              32},
        Field{"list", &PermitRequest::list,
              "The users' names; of an import of users the digest that each batch's dry run gave",
              10'000}};
  }
};

struct PermitResult {
  std::string id;
  Time expires{};
  static Fields fields() {
    return {Field{"id", &PermitResult::id, "Goes with each row, which uses that row up"},
            Field{"expires", &PermitResult::expires, "8 hours from now"}};
  }
};

}  // namespace countersign::api
