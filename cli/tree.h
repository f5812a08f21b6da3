// SPDX-License-Identifier: Apache-2.0
// The command tree as a whole. What is generated from it is in tree_print.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/front.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace countersign::cli {

inline constexpr std::string_view tree_command =
    "--print-tree";  // for the build: countersign --print-tree bash

// The first argument that is no option, as a noun; empty when there is none.
[[nodiscard]] std::string_view noun_of(int argc, char** argv);
// Global options and nouns; the verbs of the wanted noun only, or of all when wanted is "*".
void build_tree(CLI::App& app, Front& front, std::string_view wanted);

// The words that an option takes, and no others; empty: it takes what its placeholder says.
[[nodiscard]] std::vector<std::string> choices_of(const CLI::Option& option);
// Of a value: the choices, or USER, FILE, DAYS, ...; empty: a flag.
[[nodiscard]] std::string placeholder_of(const CLI::Option& option);

}  // namespace countersign::cli
