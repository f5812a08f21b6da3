// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/front.h"

namespace CLI {
class App;
}

namespace countersign::cli {

// device provision piv
void add_card_provisioning(CLI::App& provision, Front& front);
// authenticator renew
void add_renew(CLI::App& noun, Front& front);
// device reveal
void add_reveal(CLI::App& noun, Front& front);

}  // namespace countersign::cli
