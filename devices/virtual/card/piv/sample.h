// SPDX-License-Identifier: Apache-2.0
// Keys and certificates that a software PIV card starts with.
#pragma once

#include "devices/virtual/card/piv/state.h"

namespace countersign::virtual_card::piv {

// A P-256 key in 9A with a certificate of its own that ran out at the end of 2021.
void put_expired_certificate(State& state);

}  // namespace countersign::virtual_card::piv
