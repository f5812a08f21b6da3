// SPDX-License-Identifier: Apache-2.0
// What the kernel knows of this machine, from /sys, /proc and /etc alone: nothing is opened but
// small text files. Works as any user; what only root may read is named.
#pragma once

#include <string>

#include "core/machine/machine.h"

namespace countersign {

// root: "" for this machine; in tests the folder that stands for "/". Never fails: what can't be
// read is not there.
[[nodiscard]] machine::Facts collect_machine_facts(const std::string& root = {});

}  // namespace countersign
