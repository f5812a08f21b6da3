// SPDX-License-Identifier: Apache-2.0
// Where demo stores send to: a file that its owner alone may read. For trying things out, and never
// on production stores.
#pragma once

#include <string>

#include "core/base/result.h"
#include "core/ports/courier.h"

namespace countersign::couriers {

// One line of JSON a message: {"by","to","subject","text"}. The file is made with mode 0600; one
// that is there must be safe (safe_file.h).
[[nodiscard]] Result<void> append_to_file(const std::string& path, const Message& message);

}  // namespace countersign::couriers
