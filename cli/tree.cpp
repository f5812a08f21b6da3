// SPDX-License-Identifier: Apache-2.0
#include "cli/tree.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <set>

#include "cli/nouns.h"
#include "daemon/version.h"

namespace countersign::cli {
namespace {

// One command as the generators see it.
struct Node {
  std::string path;  // "user add"; empty at the top
  std::string about;
  std::vector<std::pair<std::string, std::string>> children;                          // name, about
  std::vector<std::tuple<std::string, std::string, bool, std::string>> options;       // name, about, takes a value, choices
  std::vector<std::pair<std::string, std::string>> positionals;                       // name, about
};

void walk(const CLI::App& app, const std::string& path, std::vector<Node>& nodes) {
  Node node{.path = path, .about = app.get_description()};
  for (const CLI::App* child : app.get_subcommands(nullptr)) node.children.emplace_back(child->get_name(), child->get_description());
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) node.positionals.emplace_back(option->get_name(true, false), option->get_description());
    else node.options.emplace_back("--" + option->get_lnames().front(), option->get_description(), option->get_items_expected_max() > 0, option->get_type_name());
  }
  nodes.push_back(std::move(node));
  for (const CLI::App* child : app.get_subcommands(nullptr)) walk(*child, path.empty() ? child->get_name() : path + " " + child->get_name(), nodes);
}

std::string shell_quoted(std::string_view text) {  // for a single-quoted shell word
  std::string out;
  for (const char c : text)
    if (c == '\'') out += "'\\''";
    else out += c;
  return out;
}

std::string words_of(const Node& node) {
  std::string words;
  for (const auto& [name, about] : node.children) words += name + " ";
  for (const auto& option : node.options) words += std::get<0>(option) + " ";
  return words;
}

void print_bash(const std::vector<Node>& nodes) {
  fmt::print(
      "# Made from the command tree. Completes nouns, verbs and options; file names where no word fits.\n"
      "_countersign() {{\n  local path= word words i\n  for ((i = 1; i < COMP_CWORD; i++)); do\n    word=${{COMP_WORDS[i]}}\n"
      "    case \"$path$word\" in\n");
  for (const Node& node : nodes)
    if (!node.path.empty()) fmt::print("      '{}') path='{} ' ;;\n", node.path, node.path);
  fmt::print("    esac\n  done\n  case \"$path\" in\n");
  for (const Node& node : nodes) fmt::print("    '{}') words='{}' ;;\n", node.path.empty() ? "" : node.path + " ", shell_quoted(words_of(node)));
  fmt::print("  esac\n  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"${{COMP_WORDS[COMP_CWORD]}}\")\n}}\n"
             "complete -o default -F _countersign countersign\n");
}

void print_zsh(const std::vector<Node>& nodes) {
  fmt::print("#compdef countersign\n# Made from the command tree.\n_countersign() {{\n  local path= word i\n"
             "  for ((i = 2; i < CURRENT; i++)); do\n    word=${{words[i]}}\n    case \"$path$word\" in\n");
  for (const Node& node : nodes)
    if (!node.path.empty()) fmt::print("      '{}') path='{} ' ;;\n", node.path, node.path);
  fmt::print("    esac\n  done\n  local -a choices\n  case \"$path\" in\n");
  const auto entry = [](std::string name, std::string about) {
    std::string escaped;
    for (const char c : about) escaped += c == ':' ? std::string("\\:") : std::string(1, c);
    return shell_quoted(name) + ":" + shell_quoted(escaped);
  };
  for (const Node& node : nodes) {
    std::string words;
    for (const auto& [name, about] : node.children) words += "'" + entry(name, about) + "' ";
    for (const auto& option : node.options) words += "'" + entry(std::get<0>(option), std::get<1>(option)) + "' ";
    fmt::print("    '{}') choices=({}) ;;\n", node.path.empty() ? "" : node.path + " ", words);
  }
  fmt::print("  esac\n  _describe countersign choices || _files\n}}\n_countersign \"$@\"\n");
}

void print_fish(const std::vector<Node>& nodes) {
  fmt::print("# Made from the command tree.\nfunction __countersign_at\n  set -l have (string match -v -- '-*' (commandline -opc)[2..])\n"
             "  test \"$have\" = \"$argv\"; or string match -q -- \"$argv *\" \"$have\"; and test -n \"$argv\"\nend\n"
             "function __countersign_exactly\n  set -l have (string match -v -- '-*' (commandline -opc)[2..])\n  test \"$have\" = \"$argv\"\nend\n");
  for (const Node& node : nodes) {
    for (const auto& [name, about] : node.children)
      fmt::print("complete -c countersign -f -n '__countersign_exactly {}' -a '{}' -d '{}'\n", node.path, shell_quoted(name), shell_quoted(about));
    for (const auto& [name, about, value, type] : node.options)
      fmt::print("complete -c countersign {} -n '{}' -l '{}' -d '{}'\n", value ? "-r" : "-f", node.path.empty() ? "true" : "__countersign_at " + node.path, name.substr(2), shell_quoted(about));
  }
}

std::string scdoc_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("_*<#~").contains(c)) out += '\\';
    out += c;
  }
  return out;
}

void print_scdoc(const std::vector<Node>& nodes) {
  for (const Node& node : nodes) {
    if (node.path.empty() || !node.children.empty()) continue;
    std::string line = "*countersign " + scdoc_escaped(node.path) + "*";
    for (const auto& [name, about] : node.positionals) line += " _" + scdoc_escaped(name) + "_";
    if (!node.options.empty()) line += " [options]";
    fmt::print("{}\n\t{}.\n\n", line, scdoc_escaped(node.about));
    for (const auto& [name, about] : node.positionals) fmt::print("\t_{}_\n\t\t{}.\n\n", scdoc_escaped(name), scdoc_escaped(about));
    for (const auto& [name, about, value, type] : node.options)
      if (name != "--help" && name != "--json" && name != "--socket")
        fmt::print("\t*{}*{}\n\t\t{}.\n\n", scdoc_escaped(name), value ? " _VALUE_" : "", scdoc_escaped(about));
  }
}

}  // namespace

std::string_view noun_of(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == tree_command) return word;
    if (word == "--socket") ++i;
    else if (!word.starts_with('-')) return word;
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
    if (wanted == noun.name || wanted == "*") noun.add(*sub, front);
  }
}

int print_tree(int argc, char** argv) {
  Front front;
  CLI::App app;
  build_tree(app, front, "*");
  std::vector<Node> nodes;
  walk(app, "", nodes);
  const std::string_view shape = argc == 3 ? argv[2] : "";
  if (shape == "bash") print_bash(nodes);
  else if (shape == "zsh") print_zsh(nodes);
  else if (shape == "fish") print_fish(nodes);
  else if (shape == "scdoc") print_scdoc(nodes);
  else return static_cast<int>(Exit::usage);
  return 0;
}

}  // namespace countersign::cli
