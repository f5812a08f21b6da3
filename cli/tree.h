// SPDX-License-Identifier: Apache-2.0
// The command tree as a whole, and what is generated from it: completions, and the commands' part of the manual.
#pragma once

#include <string_view>

#include "cli/front.h"

namespace CLI {
class App;
}

namespace countersign::cli {

inline constexpr std::string_view tree_command = "--print-tree";  // for the build: countersign --print-tree bash

// The first argument that is no option, as a noun; empty when there is none.
[[nodiscard]] std::string_view noun_of(int argc, char** argv);
// Global options and nouns; the verbs of the wanted noun only, or of all when wanted is "*".
void build_tree(CLI::App& app, Front& front, std::string_view wanted);
// bash, zsh, fish or scdoc, on standard output.
[[nodiscard]] int print_tree(int argc, char** argv);

}  // namespace countersign::cli
