// SPDX-License-Identifier: Apache-2.0
// A change that may need a fresh verification: its request, and that verification. Sent without one
// first, the daemon answers fresh_needed with the change's text where it wants one (POST
// /v1/fresh-verifications).
#pragma once

#include "daemon/api/codec/field.h"

namespace countersign::api {

template <Wire T>
struct WithFresh : T {
  std::optional<std::string> fresh;
  std::optional<bool> recovery;
  static Fields fields() {
    Fields fields = T::fields();
    fields.push_back(Field{"fresh", &WithFresh::fresh,
                           "Id of a fresh verification for this change, where it needs one", 64});
    fields.push_back(Field{"recovery", &WithFresh::recovery,
                           "Root on this machine, when no administrator can verify: without one, "
                           "which the record shows"});
    return fields;
  }
};

}  // namespace countersign::api
