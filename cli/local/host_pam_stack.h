// SPDX-License-Identifier: Apache-2.0
// Reads PAM stacks (pam.conf(5)) below a root folder and analyses them without running a module.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace countersign::cli {

inline constexpr std::string_view module_name = "pam_countersign.so";

struct StackLine {
  std::string control;  // "required", "[success=1 default=ignore]", "substack"
  std::string module;   // the file, for a substack
  std::vector<std::string> options;
  std::string where;  // "common-auth:17"
  std::vector<StackLine> substack;
};
using Stack = std::vector<StackLine>;

// The auth lines of a service in order, includes resolved. A substack stays one line.
[[nodiscard]] Stack auth_stack(const std::filesystem::path& root, const std::string& service);
// The same, with each substack replaced by its lines.
[[nodiscard]] Stack flat(const Stack& stack);

[[nodiscard]] bool is_ours(const StackLine& line);
[[nodiscard]] bool has_option(const StackLine& line, std::string_view option);

// Our lines with this option that are reachable before any first-factor module has succeeded.
[[nodiscard]] Stack reached_unproved(const Stack& stack, std::string_view option);
// The last line before this one that checks a first factor; null if none does.
[[nodiscard]] const StackLine* first_factor_before(const Stack& flat, const std::string& where);

}  // namespace countersign::cli
