// SPDX-License-Identifier: Apache-2.0
// A command line's words before they are parsed: the verb may stand anywhere after its noun, and a
// wrong word is answered with those that there are.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace countersign::cli {

// Moves each verb to its noun: "enroll --user alice totp" and "enroll --kind totp --user alice" are
// "enroll totp --user alice".
[[nodiscard]] std::vector<std::string> in_order(const CLI::App& app,
                                                std::vector<std::string> words);

// Of words in order: what is wrong with the noun or verb, and which there are.
[[nodiscard]] std::optional<std::string> wrong_word(const CLI::App& app,
                                                    const std::vector<std::string>& words);

// The command that these words name, such as "countersign user add".
[[nodiscard]] std::string command_of(const CLI::App& app, const std::vector<std::string>& words);

}  // namespace countersign::cli
