// SPDX-License-Identifier: Apache-2.0
// What administrators do with the machines that are known: verbs of the noun machine.
#pragma once

#include "cli/command.h"
#include "cli/front.h"

namespace countersign::cli {

void add_known_machines(Command& noun, Front& front);

}  // namespace countersign::cli
