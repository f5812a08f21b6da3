// SPDX-License-Identifier: Apache-2.0
// Logs in by PAM within this process, with a stack of its own.
#pragma once

#include <string>

namespace countersign::bench {

// Writes the one stack of that folder: this line of auth, and everybody's account is fine.
void write_stack(const std::string& folder, const std::string& line);
// Answers every prompt with the code.
[[nodiscard]] bool logs_in(const std::string& folder, const std::string& user, std::string code);

}  // namespace countersign::bench
