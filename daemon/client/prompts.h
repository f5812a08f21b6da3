// SPDX-License-Identifier: Apache-2.0
// The words of a prompt, the same at every front end. They name user and service (T46).
#pragma once

#include <string>

#include "daemon/api/tap.h"

namespace countersign::client {

// One line, without a newline. Text in it comes from outside: escape it before it is shown.
[[nodiscard]] std::string prompt_words(const api::TapEvent& event);

}  // namespace countersign::client
