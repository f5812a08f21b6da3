// SPDX-License-Identifier: Apache-2.0
#include "cli/tree.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "cli/nouns.h"
#include "daemon/version.h"

namespace countersign::cli {
namespace {

// What CLI11 calls values that nobody has named.
bool unnamed(const std::string& type) {
  static const std::set<std::string> all = {"TEXT", "INT", "UINT", "FLOAT", "NUMBER", ""};
  return all.contains(type);
}

// Where the option's last word does not say what its value is.
const std::map<std::string, std::string>& odd_names() {
  static const std::map<std::string, std::string> all = {{"as", "USER"},
                                                         {"after", "NUMBER"},
                                                         {"ca", "FOLDER"},
                                                         {"certificate", "FILE"},
                                                         {"count", "NUMBER"},
                                                         {"csr", "FILE"},
                                                         {"expiring", "DAYS"},
                                                         {"for", "TIME"},
                                                         {"from", "FILE"},
                                                         {"last", "NUMBER"},
                                                         {"period", "SECONDS"},
                                                         {"qr", "FILE"},
                                                         {"recognize-after", "KINDS"},
                                                         {"rename", "NAME"},
                                                         {"sheet", "FILE"},
                                                         {"through", "NUMBER"},
                                                         {"timeout", "SECONDS"},
                                                         {"to", "RECIPIENT"},
                                                         {"uses", "NUMBER"},
                                                         {"methods", "KINDS"},
                                                         {"state", "FOLDER"},
                                                         {"root", "FOLDER"},
                                                         {"head", "HEAD"},
                                                         {"service-account", "UIDS|SERVICES"}};
  return all;
}

// --code-file takes a FILE, --skip-days DAYS.
std::string last_word(const std::string& name) {
  if (const auto odd = odd_names().find(name); odd != odd_names().end()) return odd->second;
  std::string word = name.substr(name.rfind('-') + 1);
  std::ranges::transform(word, word.begin(), [](unsigned char c) { return std::toupper(c); });
  return word;
}

// What a validator says of itself would stand behind the placeholder.
void quiet_validators(CLI::Option& option) {
  try {
    for (int i = 0;; ++i) option.get_validator(i)->description("");
  } catch (const CLI::OptionNotFound&) {
  }
}

// "LEAD --a, --b"; nothing without options.
std::string with_names(const std::string& lead, const std::set<CLI::Option*>& options) {
  if (options.empty()) return {};
  std::vector<std::string> names;
  names.reserve(options.size());
  for (const CLI::Option* each : options) names.push_back(each->get_name());
  std::ranges::sort(names);
  return lead + " " + CLI::detail::join(names, ", ");
}

// What the help says between an option's name and what it is about, in place of CLI11's "REQUIRED
// Needs: --a Excludes: --b".
std::string help_of(const CLI::Option& option) {
  std::string text;
  if (option.get_items_expected_max() != 0) {
    text = option.get_type_name();
    if (!option.get_default_str().empty()) text += "=" + option.get_default_str();
    if (option.get_expected_max() == CLI::detail::expected_max_vector_size)
      text += " ...";
    else if (option.get_expected_min() > 1)
      text += " x " + std::to_string(option.get_expected_min());
    if (option.get_required()) text += " (required)";
  }
  const std::string needs = with_names("only with", option.get_needs()),
                    excludes = with_names("not with", option.get_excludes());
  if (!needs.empty() || !excludes.empty())
    text += (text.empty() ? "(" : " (") + needs + (needs.empty() || excludes.empty() ? "" : "; ") +
            excludes + ")";
  return text;
}

// For the help: the same placeholders as in the manual, and nothing after a positional's name.
void name_values(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option->get_items_expected_max() != 0) {
      const std::string placeholder = placeholder_of(*option);
      const bool choices = !choices_of(*option).empty();
      if (choices || option->get_type_name().contains(':')) quiet_validators(*option);
      option->type_name(option->get_positional() && !choices ? "" : placeholder);
    }
    option->option_text(help_of(*option));
  }
  for (CLI::App* verb : app.get_subcommands(nullptr)) name_values(*verb);
}

}  // namespace

std::string_view noun_of(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == tree_command) return word;
    if (word == "--socket")
      ++i;
    else if (!word.starts_with('-'))
      return word;
  }
  return {};
}

void build_tree(CLI::App& app, Front& front, std::string_view wanted) {
  app.set_version_flag("--version", std::string("countersign ") + version);
  app.set_help_flag("--help,-h", "Show this help");
  app.add_option("--socket", front.socket, "Socket of the daemon")->type_name("PATH");
  app.add_flag("--json", front.json, "Print one JSON object");
  app.require_subcommand(1);
  app.fallthrough();
  for (const Noun& noun : nouns) {
    CLI::App* sub = app.add_subcommand(std::string(noun.name), std::string(noun.about));
    sub->fallthrough();
    if (wanted != noun.name && wanted != "*") continue;
    Command command(*sub);
    noun.add(command, front);
  }
  name_values(app);
}

std::vector<std::string> choices_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const auto open = type.find('{');
  const auto close = type.find('}');
  std::string listed;
  if (open != std::string::npos && close != std::string::npos)
    listed = type.substr(open + 1, close - open - 1);
  else if (type.contains('|') &&
           std::ranges::none_of(type, [](unsigned char c) { return std::isupper(c); }))
    listed = type;
  std::ranges::replace(listed, '|', ',');
  return listed.empty() ? std::vector<std::string>() : CLI::detail::split(listed, ',');
}

std::string placeholder_of(const CLI::Option& option) {
  if (option.get_items_expected_max() == 0) return {};
  if (const auto choices = choices_of(option); !choices.empty())
    return CLI::detail::join(choices, "|");
  const std::string type = option.get_type_name();
  std::string own = type.substr(0, type.find(':'));
  if (!unnamed(own)) return own;
  return option.get_positional() ? option.get_name(true, false)
                                 : last_word(option.get_lnames().front());
}

}  // namespace countersign::cli
