// SPDX-License-Identifier: Apache-2.0
// The socket to use when none was named. Reads the environment, so nothing in a login process has
// it.
#pragma once

#include <string>

namespace countersign::cli {

// The system's if it is there, else the user's own daemon's.
[[nodiscard]] std::string default_socket();

}  // namespace countersign::cli
