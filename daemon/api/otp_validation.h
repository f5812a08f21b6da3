// SPDX-License-Identifier: Apache-2.0
// Wire types of YubiKeys whose one-time passwords are validated elsewhere.
#pragma once

#include <optional>
#include <string>

#include "core/base/secret.h"
#include "core/factors/typed_code.h"
#include "daemon/api/codec/field.h"

namespace countersign::api {

struct EnrollElsewhere {
  std::string user;
  std::optional<std::string> label;
  Secret code;
  static Fields fields() {
    return {Field{"user", &EnrollElsewhere::user, "Name of the user", 128},
            Field{"label", &EnrollElsewhere::label, "A name for this key"},
            Field{"code", &EnrollElsewhere::code, "What the key types now; it is used up",
                  longest_typed_code}};
  }
};

}  // namespace countersign::api
