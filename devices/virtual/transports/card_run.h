// SPDX-License-Identifier: Apache-2.0
// The card in a reader that one program and its children see, and nobody else.
#pragma once

#include "core/base/result.h"
#include "devices/virtual/transports/card_setup.h"
#include "devices/virtual/transports/run.h"

namespace countersign::virtual_card {

// As virtual_key::run_program. Takes this process into a mount namespace of its own, whose
// /run/pcscd is a pcscd's with no other reader; without root by a user namespace. One thread must
// be all there is. not_found: pcscd or the virtual reader's driver is not installed.
[[nodiscard]] Result<int> run_program(const Setup& setup, const virtual_key::RunOptions& options);

}  // namespace countersign::virtual_card
