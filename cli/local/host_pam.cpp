// SPDX-License-Identifier: Apache-2.0
// Which PAM stacks ask for a second factor, and where they make a false claim about the first.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>
#include <sstream>

#include "cli/local/host_checks.h"
#include "cli/local/host_pam_stack.h"
#include "core/base/text.h"

namespace fs = std::filesystem;

namespace countersign::cli {
namespace {

constexpr std::array login_services = {"login",        "sshd",    "sudo", "su",
                                       "gdm-password", "lightdm", "sddm", "greetd"};

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

// Root's su, and root's way in at the machine itself (pam_countersign(8)).
bool lets_in_root_alone(const StackLine& line) {
  if (line.module.ends_with("pam_rootok.so")) return true;
  constexpr std::array uid_0 = {"uid", "=", "0"};
  return line.module.ends_with("pam_succeed_if.so") &&
         !std::ranges::search(line.options, uid_0).empty();
}

// The line after whose success the module is not asked any more. None: whoever gets in was asked.
std::optional<StackLine> way_around(const Stack& stack, std::size_t ours) {
  for (std::size_t i = 0; i < ours; ++i)
    if (i + skips_on_success(stack[i].control) >= ours && !lets_in_root_alone(stack[i]))
      return stack[i];
  return std::nullopt;
}

// sshd_config(5): the first value given counts. Debian's file says no, and includes the folder at
// its beginning.
std::string sshd_value(const fs::path& root, const std::set<std::string>& names) {
  std::string text;
  std::vector<fs::path> drop_ins;
  std::error_code ignored;
  for (fs::directory_iterator entry(root / "etc/ssh/sshd_config.d", ignored), end; entry != end;
       entry.increment(ignored))
    if (entry->path().extension() == ".conf") drop_ins.push_back(entry->path());
  std::ranges::sort(drop_ins);
  for (const fs::path& each : drop_ins) text += file_text(each) + "\n";
  std::istringstream lines(text + file_text(root / "etc/ssh/sshd_config"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string key, value;
    words >> key >> std::ws;
    std::getline(words, value);
    std::ranges::transform(key, key.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (names.contains(key)) return value;
  }
  return "";
}

bool sshd_asks(const fs::path& root) {
  const std::string value =
      sshd_value(root, {"kbdinteractiveauthentication", "challengeresponseauthentication"});
  return value.empty() || value.starts_with("yes");
}

// Whether every AuthenticationMethods list that reaches PAM asks for a public key before it.
bool sshd_wants_key_first(const fs::path& root) {
  std::istringstream lists(sshd_value(root, {"authenticationmethods"}));
  bool any = false;
  for (std::string list; lists >> list; any = true) {
    const std::size_t ours = list.find("keyboard-interactive");
    if (list == "any" || (ours != std::string::npos && list.find("publickey") > ours)) return false;
  }
  return any;
}

Finding untrue(const StackLine& line, const StackLine* before) {
  const std::string place = "/etc/pam.d/" + escape_text(line.where);
  if (before == nullptr)
    return {"PAM", false,
            fmt::format("{}: {} says first=passed, but no line above checks a password: a stranger "
                        "could enrol a second factor there",
                        place, module_name),
            "put 'auth requisite pam_unix.so' above it, or remove first=passed "
            "(pam_countersign(8), STACKS)"};
  const std::string first = "/etc/pam.d/" + escape_text(before->where);
  return {"PAM", false,
          fmt::format("{}: {} says first=passed, but the stack gets there when {} ({}) has failed: "
                      "a stranger could enrol a second factor there",
                      place, module_name, escape_text(before->module), first),
          fmt::format("make {} 'requisite', in no substack and with no jump over it, or remove "
                      "first=passed (pam_countersign(8), STACKS)",
                      first)};
}

// T51: lines with first=passed that are reachable without a first factor.
std::vector<Finding> check_first_passed(const fs::path& root) {
  std::set<std::string> services;
  std::error_code ignored;
  for (fs::directory_iterator entry(root / "etc/pam.d", ignored), end; entry != end;
       entry.increment(ignored))
    services.insert(entry->path().filename());
  std::vector<Finding> findings;
  std::set<std::string> told;
  for (const std::string& service : services) {
    const Stack stack = auth_stack(root, service);
    for (const StackLine& line : reached_unproved(stack, "first=passed")) {
      if (!told.insert(line.where).second) continue;
      const Stack lines = flat(stack);
      findings.push_back(untrue(line, first_factor_before(lines, line.where)));
    }
  }
  return findings;
}

std::vector<Finding> check_sshd(const fs::path& root, const Stack& stack) {
  std::vector<Finding> findings;
  if (!sshd_asks(root))
    findings.push_back({"PAM", false,
                        "sshd: its stack asks for a second factor, but sshd_config has "
                        "KbdInteractiveAuthentication no: nobody is prompted",
                        "echo 'KbdInteractiveAuthentication yes' "
                        ">/etc/ssh/sshd_config.d/10-countersign.conf && systemctl reload ssh"});
  const auto by_key = std::ranges::find_if(stack, [](const StackLine& line) {
    return is_ours(line) && has_option(line, "first=publickey");
  });
  if (by_key != stack.end() && !sshd_wants_key_first(root))
    findings.push_back(
        {"PAM", false,
         fmt::format("sshd: {} says first=publickey (/etc/pam.d/{}), but AuthenticationMethods in "
                     "sshd_config does not ask for a public key first: a code alone lets people in",
                     module_name, escape_text(by_key->where)),
         "echo 'AuthenticationMethods publickey,keyboard-interactive:pam' "
         ">/etc/ssh/sshd_config.d/11-countersign.conf && systemctl reload ssh"});
  return findings;
}

// A line without first= still verifies codes and touches, but administrators should know why nobody
// can enrol there.
Finding all_good(const std::string& asking, const std::string& unsaid) {
  std::string detail = "a second factor is asked for by " + asking;
  if (!unsaid.empty())
    detail += fmt::format(
        "; nobody enrols and no code is sent at the prompt of {}, where {} has no first= "
        "(pam_countersign(8))",
        unsaid, module_name);
  return {"PAM", true, detail, ""};
}

bool module_is_installed(const fs::path& root) {
  std::error_code ignored;
  for (const char* folder : {"lib", "usr/lib"})
    for (fs::directory_iterator entry(root / folder, ignored), end; entry != end;
         entry.increment(ignored))
      if (fs::exists(entry->path() / "security" / module_name, ignored)) return true;
  return false;
}

}  // namespace

std::vector<Finding> check_pam(const fs::path& root) {
  if (!module_is_installed(root))
    return {{.check = "PAM",
             .good = true,
             .detail = "libpam-countersign is not installed: logins do not ask for a second factor",
             .note = true}};
  std::vector<Finding> findings = check_first_passed(root);
  std::string asking, unsaid;
  for (const std::string service : login_services) {
    const Stack stack = flat(auth_stack(root, service));
    const auto ours = std::ranges::find_if(stack, is_ours);
    if (ours == stack.end()) continue;
    asking += (asking.empty() ? "" : ", ") + service;
    if (std::ranges::none_of(
            ours->options, [](const std::string& option) { return option.starts_with("first="); }))
      unsaid += (unsaid.empty() ? "" : ", ") + service;
    if (const auto around = way_around(stack, static_cast<std::size_t>(ours - stack.begin())))
      findings.push_back(
          {"PAM", false,
           fmt::format("{}: {} ({}) lets people in before {} is asked", service,
                       escape_text(around->module), escape_text(around->where), module_name),
           fmt::format("pam-auth-update --enable countersign, or move the line up in /etc/pam.d/{} "
                       "(pam_countersign(8) has stacks)",
                       service)});
    if (service == "sshd") std::ranges::move(check_sshd(root, stack), std::back_inserter(findings));
  }
  if (asking.empty() && findings.empty())
    return {{"PAM", false, "libpam-countersign is installed, and no login service asks it",
             "pam-auth-update --enable countersign"}};
  if (findings.empty()) findings.push_back(all_good(asking, unsaid));
  return findings;
}

}  // namespace countersign::cli
