// SPDX-License-Identifier: Apache-2.0
// The PIN that a software token is given in a file.
#pragma once

#include <string>

#include "core/base/result.h"
#include "core/base/secret.h"

namespace countersign::virtual_token {

// The first line of a file, without its end. unavailable: it can't be read.
[[nodiscard]] Result<Secret> read_pin(const std::string& path);

}  // namespace countersign::virtual_token
