// SPDX-License-Identifier: Apache-2.0
// "user import": many users at once.
#pragma once

#include "cli/command.h"
#include "cli/front.h"

namespace countersign::cli {

// countersign user import FILE.csv | --nss [--group G]
void add_user_import(Command& noun, Front& front);

}  // namespace countersign::cli
