// SPDX-License-Identifier: Apache-2.0
// PAM's stacks as pam.conf(5) has them, read below a root, and what can be said of them without
// running a module.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace countersign::cli {

struct StackLine {
  std::string control;  // "required", "[success=1 default=ignore]", "substack"
  std::string module;   // of a substack: its file
  std::vector<std::string> options;
  std::string where;  // "common-auth:17"
  std::vector<StackLine> substack;
};
using Stack = std::vector<StackLine>;

// The auth lines of a service in their order, with what they include. A substack is one line
// (pam.conf(5)).
[[nodiscard]] Stack auth_stack(const std::filesystem::path& root, const std::string& service);
// The same with the lines of substacks in place of them.
[[nodiscard]] Stack flat(const Stack& stack);

[[nodiscard]] bool is_ours(const StackLine& line);
[[nodiscard]] bool has_option(const StackLine& line, std::string_view option);

// Our lines with this option that can be reached without a success of any module that checks a
// first factor.
[[nodiscard]] Stack reached_unproved(const Stack& stack, std::string_view option);
// The last line before this one that checks a first factor; null: none does.
[[nodiscard]] const StackLine* first_factor_before(const Stack& flat, const std::string& where);

}  // namespace countersign::cli
