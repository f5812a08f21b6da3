// SPDX-License-Identifier: Apache-2.0
// PAM's stacks as pam.conf(5) has them: which of them ask for a second factor.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <sstream>

#include "cli/host_checks.h"
#include "core/text.h"

namespace fs = std::filesystem;

namespace countersign::cli {
namespace {

constexpr std::string_view module_name = "pam_countersign.so";
constexpr int deepest_include = 8;
constexpr std::array login_services = {"login", "sshd", "sudo", "su", "gdm-password", "lightdm", "sddm", "greetd"};

struct Line {
  std::string control;  // "required", "[success=1 default=ignore]"
  std::string module;
  std::string where;  // "common-auth:17"
};

// The auth lines of a stack in their order, with what they include.
void read_stack(const fs::path& root, const std::string& name, int depth, std::vector<Line>& stack) {
  std::istringstream lines(file_text(root / "etc/pam.d" / name));
  int number = 0;
  for (std::string line; depth < deepest_include && std::getline(lines, line);) {
    ++number;
    std::istringstream words(line.substr(0, line.find('#')));
    std::string type, control, module;
    words >> type >> control;
    if (type == "@include") {
      read_stack(root, control, depth + 1, stack);
      continue;
    }
    if (type != "auth" && type != "-auth") continue;
    while (control.starts_with('[') && !control.ends_with(']') && words >> module) control += " " + module;
    words >> module;
    if (control == "include" || control == "substack") read_stack(root, module, depth + 1, stack);
    else stack.push_back({control, module, fmt::format("{}:{}", name, number)});
  }
}

// How many lines are skipped when the module succeeds; the whole rest for one that ends the stack.
std::size_t skips_on_success(const std::string& control) {
  constexpr std::size_t all = 1'000'000;
  if (control == "sufficient") return all;
  const auto at = control.find("success=");
  if (!control.starts_with('[') || at == std::string::npos) return 0;
  const std::string_view action = std::string_view(control).substr(at + 8);
  if (action.starts_with("done")) return all;
  std::size_t lines = 0;
  (void)std::from_chars(action.data(), action.data() + action.size(), lines);
  return lines;
}

// The line after whose success the module is not asked any more. None: whoever gets in was asked.
std::optional<Line> way_around(const std::vector<Line>& stack, std::size_t ours) {
  for (std::size_t i = 0; i < ours; ++i)
    if (i + skips_on_success(stack[i].control) >= ours) return stack[i];
  return std::nullopt;
}

// sshd_config(5): the first value given counts. Debian's file says no, and includes the folder at its beginning.
bool sshd_asks(const fs::path& root) {
  std::string text;
  std::vector<fs::path> drop_ins;
  std::error_code ignored;
  for (fs::directory_iterator entry(root / "etc/ssh/sshd_config.d", ignored), end; entry != end; entry.increment(ignored))
    if (entry->path().extension() == ".conf") drop_ins.push_back(entry->path());
  std::ranges::sort(drop_ins);
  for (const fs::path& each : drop_ins) text += file_text(each) + "\n";
  std::istringstream lines(text + file_text(root / "etc/ssh/sshd_config"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string key, value;
    words >> key >> value;
    std::ranges::transform(key, key.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (key == "kbdinteractiveauthentication" || key == "challengeresponseauthentication") return value == "yes";
  }
  return true;
}

bool module_is_installed(const fs::path& root) {
  std::error_code ignored;
  for (const char* folder : {"lib", "usr/lib"})
    for (fs::directory_iterator entry(root / folder, ignored), end; entry != end; entry.increment(ignored))
      if (fs::exists(entry->path() / "security" / module_name, ignored)) return true;
  return false;
}

}  // namespace

std::vector<Finding> check_pam(const fs::path& root) {
  if (!module_is_installed(root)) return {{"PAM", true, "libpam-countersign is not installed: logins do not ask for a second factor", ""}};
  std::vector<Finding> findings;
  std::string asking;
  for (const std::string service : login_services) {
    std::vector<Line> stack;
    read_stack(root, service, 0, stack);
    const auto ours = std::ranges::find_if(stack, [](const Line& line) { return line.module.ends_with(module_name); });
    if (ours == stack.end()) continue;
    asking += (asking.empty() ? "" : ", ") + service;
    if (const auto around = way_around(stack, static_cast<std::size_t>(ours - stack.begin())))
      findings.push_back({"PAM", false, fmt::format("{}: {} ({}) lets people in before {} is asked", service, escape_text(around->module), escape_text(around->where), module_name),
                          fmt::format("pam-auth-update --enable countersign, or move the line up in /etc/pam.d/{} (pam_countersign(8) has stacks)", service)});
    if (service == "sshd" && !sshd_asks(root))
      findings.push_back({"PAM", false, "sshd: its stack asks for a second factor, but sshd_config has KbdInteractiveAuthentication no: nobody is prompted",
                          "echo 'KbdInteractiveAuthentication yes' >/etc/ssh/sshd_config.d/10-countersign.conf && systemctl reload ssh"});
  }
  if (asking.empty()) return {{"PAM", false, "libpam-countersign is installed, and no login service asks it", "pam-auth-update --enable countersign"}};
  if (findings.empty()) findings.push_back({"PAM", true, "a second factor is asked for by " + asking, ""});
  return findings;
}

}  // namespace countersign::cli
