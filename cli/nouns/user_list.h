// SPDX-License-Identifier: Apache-2.0
// The verbs of "user" that list.
#pragma once

#include "cli/command.h"
#include "cli/front.h"

namespace countersign::cli {

// The verbs of "user" that list: list and search.
void add_user_lists(Command& noun, Front& front);

}  // namespace countersign::cli
