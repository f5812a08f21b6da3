// SPDX-License-Identifier: Apache-2.0
#include "cli/local/host_pam_stack.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <set>
#include <sstream>
#include <utility>

#include "cli/local/host_checks.h"

namespace fs = std::filesystem;

namespace countersign::cli {
namespace {

constexpr int deepest_include = 8;

// Modules that check no password, key or fingerprint in the auth phase.
constexpr std::array helpers = {
    "pam_access.so",   "pam_cap.so",       "pam_debug.so",      "pam_deny.so",
    "pam_echo.so",     "pam_env.so",       "pam_exec.so",       "pam_faildelay.so",
    "pam_faillock.so", "pam_ftp.so",       "pam_gdm.so",        "pam_gnome_keyring.so",
    "pam_group.so",    "pam_issue.so",     "pam_kwallet.so",    "pam_kwallet5.so",
    "pam_listfile.so", "pam_localuser.so", "pam_mount.so",      "pam_nologin.so",
    "pam_permit.so",   "pam_pwquality.so", "pam_rhosts.so",     "pam_securetty.so",
    "pam_selinux.so",  "pam_shells.so",    "pam_succeed_if.so", "pam_tally2.so",
    "pam_time.so",     "pam_usertype.so",  "pam_warn.so",       "pam_wheel.so",
    "pam_xauth.so"};

std::string file_name(const std::string& module) { return fs::path(module).filename(); }
bool is_helper(const StackLine& line) {
  return std::ranges::find(helpers, file_name(line.module)) != helpers.end();
}
bool proves(const StackLine& line) {
  return line.substack.empty() && line.control != "substack" && !is_ours(line) && !is_helper(line);
}

// One word, or everything between brackets: "[success=1 default=ignore]".
std::string next_word(std::istringstream& words) {
  std::string word, more;
  words >> word;
  while (word.starts_with('[') && !word.ends_with(']') && words >> more) word += " " + more;
  return word;
}

void read_stack(const fs::path& root, const std::string& name, int depth, Stack& stack) {
  std::istringstream lines(file_text(root / "etc/pam.d" / name));
  int number = 0;
  std::string whole;
  for (std::string line; depth < deepest_include && std::getline(lines, line); whole.clear()) {
    const int first = ++number;
    whole = line.substr(0, line.find('#'));
    for (; whole.ends_with('\\') && std::getline(lines, line); ++number)
      whole.replace(whole.size() - 1, 1, " " + line.substr(0, line.find('#')));
    std::istringstream words(whole);
    std::string type;
    words >> type;
    if (type == "@include") {
      read_stack(root, next_word(words), depth + 1, stack);
      continue;
    }
    if (type != "auth" && type != "-auth") continue;
    StackLine read{.control = next_word(words),
                   .module = next_word(words),
                   .options = {},
                   .where = fmt::format("{}:{}", name, first),
                   .substack = {}};
    if (read.control == "include") {
      read_stack(root, read.module, depth + 1, stack);
      continue;
    }
    if (read.control == "substack") read_stack(root, read.module, depth + 1, read.substack);
    for (std::string option = next_word(words); !option.empty(); option = next_word(words))
      read.options.push_back(option);
    stack.push_back(std::move(read));
  }
}

// --- what libpam does with a module's answer ---

using Actions = std::vector<std::pair<std::string, std::string>>;

Actions actions_of(const std::string& control) {
  if (control == "requisite")
    return {
        {"success", "ok"}, {"new_authtok_reqd", "ok"}, {"ignore", "ignore"}, {"default", "die"}};
  if (control == "sufficient")
    return {{"success", "done"}, {"new_authtok_reqd", "done"}, {"default", "ignore"}};
  if (control == "optional")
    return {{"success", "ok"}, {"new_authtok_reqd", "ok"}, {"default", "ignore"}};
  if (!control.starts_with('['))
    return {
        {"success", "ok"}, {"new_authtok_reqd", "ok"}, {"ignore", "ignore"}, {"default", "bad"}};
  Actions actions;
  std::istringstream words(control.substr(1, control.size() - 2));
  for (std::string word; words >> word;)
    actions.emplace_back(word.substr(0, word.find('=')),
                         word.substr(std::min(word.find('=') + 1, word.size())));
  return actions;
}

std::string action_for(const Actions& actions, const std::string& answer) {
  for (const std::string& name : {answer, std::string("default")})
    if (const auto found = std::ranges::find(actions, name, &Actions::value_type::first);
        found != actions.end())
      return found->second;
  return "bad";
}

bool is_success(std::string_view answer) {
  return answer == "success" || answer == "new_authtok_reqd";
}

// The answers that can lead to different actions: those that the control names, and the usual ones.
std::set<std::string> answers_of(const StackLine& line, const Actions& actions) {
  const std::string module = file_name(line.module);
  if (module == "pam_permit.so") return {"success"};
  std::set<std::string> answers = {"auth_err"};
  for (const auto& [name, action] : actions)
    if (name != "default" && name != "ignore") answers.insert(name);
  if (module == "pam_deny.so") return {"auth_err"};
  answers.insert("success");
  if (!proves(line)) answers.insert("ignore");
  return answers;
}

// Follows every path through a stack and tracks whether a first factor has succeeded on it.
class Walk {
 public:
  explicit Walk(std::string_view option) : option_(option) {}

  // Whether a first factor has succeeded when the stack ends; both if both are possible.
  std::set<bool> through(const Stack& stack, bool proved) {
    std::set<bool> left;
    std::set<std::pair<std::size_t, bool>> seen;
    std::deque<std::pair<std::size_t, bool>> open = {{0, proved}};
    while (!open.empty()) {
      const auto at = open.front();
      open.pop_front();
      if (at.first >= stack.size())
        left.insert(at.second);
      else if (seen.insert(at).second)
        step(stack[at.first], at, open, left);
    }
    return left;
  }
  [[nodiscard]] const Stack& found() const { return found_; }

 private:
  using Place = std::pair<std::size_t, bool>;
  void step(const StackLine& line, Place at, std::deque<Place>& open, std::set<bool>& left) {
    if (line.control == "substack") {  // "done" and "die" end only the substack
      for (const bool proved : through(line.substack, at.second))
        open.emplace_back(at.first + 1, proved);
      return;
    }
    if (!at.second && is_ours(line) && has_option(line, option_)) note(line);
    const Actions actions = actions_of(line.control);
    for (const std::string& answer : answers_of(line, actions)) {
      const bool proved = at.second || (is_success(answer) && proves(line));
      const std::string action = action_for(actions, answer);
      std::size_t jump = 0;
      (void)std::from_chars(action.data(), action.data() + action.size(), jump);
      if (action == "die" || action == "done")
        left.insert(proved);
      else
        open.emplace_back(at.first + 1 + jump, proved);
    }
  }
  void note(const StackLine& line) {
    if (std::ranges::find(found_, line.where, &StackLine::where) == found_.end())
      found_.push_back(line);
  }

  std::string_view option_;
  Stack found_;
};

}  // namespace

Stack auth_stack(const fs::path& root, const std::string& service) {
  Stack stack;
  read_stack(root, service, 0, stack);
  return stack;
}

Stack flat(const Stack& stack) {
  Stack lines;
  for (const StackLine& line : stack) {
    if (line.control != "substack")
      lines.push_back(line);
    else
      std::ranges::copy(flat(line.substack), std::back_inserter(lines));
  }
  return lines;
}

bool is_ours(const StackLine& line) { return line.module.ends_with(module_name); }

bool has_option(const StackLine& line, std::string_view option) {
  return std::ranges::find(line.options, option) != line.options.end();
}

Stack reached_unproved(const Stack& stack, std::string_view option) {
  Walk walk(option);
  (void)walk.through(stack, false);
  return walk.found();
}

const StackLine* first_factor_before(const Stack& flat, const std::string& where) {
  const StackLine* last = nullptr;
  for (const StackLine& line : flat) {
    if (line.where == where) break;
    if (proves(line)) last = &line;
  }
  return last;
}

}  // namespace countersign::cli
