// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/front.h"

namespace CLI {
class App;
}

namespace countersign::cli {

// countersign user import FILE.csv | --nss [--group G]
void add_user_import(CLI::App& noun, Front& front);

}  // namespace countersign::cli
