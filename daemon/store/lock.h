// SPDX-License-Identifier: Apache-2.0
// One daemon at a time in a state folder.
#pragma once

#include <string>

#include "daemon/base/safe_file.h"

namespace countersign {

// One daemon per state folder: holds flock on FOLDER/lock as long as the descriptor lives. Taken:
// Code::exists, naming the process that has it.
[[nodiscard]] Result<Descriptor> lock_folder(const std::string& folder);

}  // namespace countersign
