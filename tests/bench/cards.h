// SPDX-License-Identifier: Apache-2.0
// P15: a tap with a PIV card.
#pragma once

#include "tests/bench/figure.h"

namespace countersign::bench {

// P15. Needs root, pcscd and the virtual reader driver; this process is in a network of its own
// afterwards, so it comes last.
void measure_cards(const Wanted& wanted, Figures& out);

}  // namespace countersign::bench
