// SPDX-License-Identifier: Apache-2.0
// Whom a valid certificate names, by the rules in the configuration (CardIdentity).
#pragma once

#include <memory>

#include "core/certificates/names.h"
#include "core/engine/context.h"

namespace countersign::engine {

// Of several names the one that is a user's. Null: none is, or two different users' are.
[[nodiscard]] Result<std::shared_ptr<const UserRecord>> holder_named_in(
    Context& context, const certificates::Names& names);

}  // namespace countersign::engine
