// SPDX-License-Identifier: Apache-2.0
// Revokes what a policy has forgotten (core/engine/forgetting.h) from the first user to the last,
// on worker threads.
#pragma once

#include <functional>
#include <variant>

#include "core/engine/administration/forgetting.h"

namespace countersign {

using Work = std::function<void(std::move_only_function<void()>)>;  // runs it on a worker thread

void forget(engine::Context& context, Work work, std::optional<Caller> caller,
            engine::Forgetting begun, engine::Then<std::monostate> then);

// What a restart has interrupted. At the start, on the loop's thread; everything outlives the
// workers.
void resume_forgetting(engine::Context& context, const Work& work);

}  // namespace countersign
