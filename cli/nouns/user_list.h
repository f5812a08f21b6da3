// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/front.h"

namespace CLI {
class App;
}

namespace countersign::cli {

// The verbs of "user" that list: list and search.
void add_user_lists(CLI::App& noun, Front& front);

}  // namespace countersign::cli
