// SPDX-License-Identifier: Apache-2.0
// Completions and the manual's list of commands, made from the command tree.
#pragma once

namespace countersign::cli {

// Completions for bash, zsh or fish, or the commands' part of the manual (scdoc), on standard
// output.
[[nodiscard]] int print_tree(int argc, char** argv);

}  // namespace countersign::cli
