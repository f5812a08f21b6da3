// SPDX-License-Identifier: Apache-2.0
// The helpdesk's code: typed like a backup code, 80 random bits. So many that a fast hash holds; it
// costs a denial nothing extra (T32).
#pragma once

#include "core/base/random.h"
#include "core/base/secret.h"
#include "core/factors/check.h"

namespace countersign::temporary_code {

struct New {
  Secret code;      // as shown: k7qm-3fzt-9w2x-v0hd
  Secret material;  // what is sealed into the authenticator: salt and SHA-256
};
[[nodiscard]] New make(Random& random);

// normalized: backup_codes::normalize. Progress::detail is how many uses are left; whether it has
// expired is decide.h's to say.
[[nodiscard]] Check check(const Secret& material, const Progress& progress,
                          const Secret& normalized);

}  // namespace countersign::temporary_code
