// SPDX-License-Identifier: Apache-2.0
// Names without regard to case.
#pragma once

#include <string>
#include <string_view>

namespace countersign {

// The same for names that differ by case only: each character's simple upper and then lower case
// mapping as Unicode has it, one character for one, whatever the locale. What is not UTF-8 stays.
// Accents stay: a letter and a combining mark are another spelling than the one character for both.
[[nodiscard]] std::string fold_case(std::string_view text);

}  // namespace countersign
