// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/front.h"

namespace CLI {
class App;
}

namespace countersign::cli {

// device provision and device reveal.
void add_provision(CLI::App& noun, Front& front);

}  // namespace countersign::cli
