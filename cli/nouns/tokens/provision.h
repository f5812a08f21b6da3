// SPDX-License-Identifier: Apache-2.0
// Issuing, renewing and revealing PIV cards.
#pragma once

#include "cli/command.h"
#include "cli/front.h"

namespace countersign::cli {

// device provision piv
void add_card_provisioning(Command& provision, Front& front);
// authenticator renew
void add_renew(Command& noun, Front& front);
// device reveal
void add_reveal(Command& noun, Front& front);

}  // namespace countersign::cli
