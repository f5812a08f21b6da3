// SPDX-License-Identifier: Apache-2.0
#include "cli/tree_print.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <utility>

#include "cli/tree.h"

namespace countersign::cli {
namespace {

struct Value {
  std::string name, about;
  std::string placeholder;  // empty: a flag
  std::vector<std::string> choices;
  bool required = false;
};

// One command as the generators see it.
struct Node {
  std::string path;  // "user add"; empty at the top
  std::string about;
  std::vector<std::pair<std::string, std::string>> children;  // name, about
  std::vector<Value> options, positionals;
};

// What may stand where a value stands.
enum class Fits { nothing, files, users, choices };

Fits fits(const Value& value) {
  if (!value.choices.empty()) return Fits::choices;
  for (const char* file : {"FILE", "PATH", "FOLDER"})
    if (value.placeholder == file) return Fits::files;
  return value.placeholder == "USER" ? Fits::users : Fits::nothing;
}

constexpr std::string_view users_command = "countersign user search --names";

void walk(const CLI::App& app, const std::string& path, std::vector<Node>& nodes) {
  Node node{.path = path, .about = app.get_description()};
  for (const CLI::App* child : app.get_subcommands(nullptr))
    node.children.emplace_back(child->get_name(), child->get_description());
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;  // another spelling of something, or the build's
    const bool positional = option->get_positional();
    (positional ? node.positionals : node.options)
        .push_back({.name = positional ? option->get_name(true, false)
                                       : "--" + option->get_lnames().front(),
                    .about = option->get_description(),
                    .placeholder = placeholder_of(*option),
                    .choices = choices_of(*option),
                    .required = option->get_required()});
  }
  nodes.push_back(std::move(node));
  for (const CLI::App* child : app.get_subcommands(nullptr))
    walk(*child, path.empty() ? child->get_name() : path + " " + child->get_name(), nodes);
}

std::string shell_quoted(std::string_view text) {  // for a single-quoted shell word
  std::string out;
  for (const char c : text)
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  return out;
}

std::string prefix_of(const Node& node) { return node.path.empty() ? "" : node.path + " "; }

// Nouns and verbs, options, and what the first positional can be.
std::string words_of(const Node& node) {
  std::string words;
  for (const auto& [name, about] : node.children) words += name + " ";
  for (const Value& positional : node.positionals)
    for (const std::string& choice : positional.choices) words += choice + " ";
  for (const Value& option : node.options) words += option.name + " ";
  return words;
}

// Branches of a shell's case: from the words so far to the command that they name.
void print_paths(const std::vector<Node>& nodes) {
  for (const Node& node : nodes)
    if (!node.path.empty()) fmt::print("      '{}') path='{} ' ;;\n", node.path, node.path);
}

// And from an option to what completes its value.
void print_values(const std::vector<Node>& nodes, std::string (*value)(const Value&)) {
  for (const Node& node : nodes)
    for (const Value& option : node.options)
      if (!option.placeholder.empty())
        fmt::print("    '{}{}') {} ;;\n", prefix_of(node), option.name, value(option));
}

std::string bash_value(const Value& option) {
  switch (fits(option)) {
    case Fits::choices:
      return fmt::format("words='{}'", fmt::join(option.choices, " "));
    case Fits::users:
      return fmt::format("words=$({} -- \"$now\" 2>/dev/null)", users_command);
    case Fits::files:
      return "COMPREPLY=(); return";  // the shell's own
    case Fits::nothing:
      return "compopt +o default 2>/dev/null";
  }
  std::unreachable();
}

void print_bash(const std::vector<Node>& nodes) {
  fmt::print(
      "# Made from the command tree. Completes nouns, verbs, options and their values.\n"
      "_countersign() {{\n  local path= word words= i prev=${{COMP_WORDS[COMP_CWORD - 1]}} "
      "now=${{COMP_WORDS[COMP_CWORD]}}\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n    word=${{COMP_WORDS[i]}}\n    case "
      "\"$path$word\" in\n");
  print_paths(nodes);
  fmt::print("    esac\n  done\n  case \"$path$prev\" in\n");
  print_values(nodes, bash_value);
  fmt::print("    *) case \"$path\" in\n");
  for (const Node& node : nodes)
    fmt::print("      '{}') words='{}' ;;\n", prefix_of(node), shell_quoted(words_of(node)));
  fmt::print(
      "    esac ;;\n  esac\n  [[ -z $words ]] || compopt +o default 2>/dev/null\n"
      "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$now\")\n}}\n"
      "complete -o default -F _countersign countersign\n");
}

std::string zsh_entry(const std::string& name, const std::string& about) {
  std::string escaped;
  for (const char c : about) escaped += c == ':' ? std::string("\\:") : std::string(1, c);
  return "'" + shell_quoted(name) + ":" + shell_quoted(escaped) + "' ";
}

std::string zsh_value(const Value& option) {
  switch (fits(option)) {
    case Fits::choices:
      return fmt::format("compadd -- {}; return", fmt::join(option.choices, " "));
    case Fits::users:
      return fmt::format("compadd -- ${{(f)\"$({} -- \"$PREFIX\" 2>/dev/null)\"}}; return",
                         users_command);
    case Fits::files:
      return "_files; return";
    case Fits::nothing:
      return fmt::format("_message '{}'; return", shell_quoted(option.about));
  }
  std::unreachable();
}

void print_zsh(const std::vector<Node>& nodes) {
  fmt::print(
      "#compdef countersign\n# Made from the command tree.\n_countersign() {{\n  local path= word "
      "i\n"
      "  for ((i = 2; i < CURRENT; i++)); do\n    word=${{words[i]}}\n    case \"$path$word\" "
      "in\n");
  print_paths(nodes);
  fmt::print("    esac\n  done\n  case \"$path${{words[CURRENT - 1]}}\" in\n");
  print_values(nodes, zsh_value);
  fmt::print("  esac\n  local -a choices\n  case \"$path\" in\n");
  for (const Node& node : nodes) {
    std::string words;
    for (const auto& [name, about] : node.children) words += zsh_entry(name, about);
    for (const Value& positional : node.positionals)
      for (const std::string& choice : positional.choices)
        words += zsh_entry(choice, positional.about);
    for (const Value& option : node.options) words += zsh_entry(option.name, option.about);
    fmt::print("    '{}') choices=({}) ;;\n", prefix_of(node), words);
  }
  fmt::print("  esac\n  _describe countersign choices || _files\n}}\n_countersign \"$@\"\n");
}

// The flags of fish's complete that say what the option takes.
std::string fish_value(const Value& option) {
  if (option.placeholder.empty()) return "-f";
  switch (fits(option)) {
    case Fits::choices:
      return fmt::format("-x -a '{}'", fmt::join(option.choices, " "));
    case Fits::users:
      return fmt::format("-x -a '({} -- (commandline -ct) 2>/dev/null)'", users_command);
    case Fits::files:
      return "-r -F";
    case Fits::nothing:
      return "-x";
  }
  return "-x";
}

void print_fish(const std::vector<Node>& nodes) {
  fmt::print(
      "# Made from the command tree.\nfunction __countersign_at\n  set -l have (string match -v -- "
      "'-*' (commandline -opc)[2..])\n"
      "  test \"$have\" = \"$argv\"; or string match -q -- \"$argv *\" \"$have\"; and test -n "
      "\"$argv\"\nend\n"
      "function __countersign_exactly\n  set -l have (string match -v -- '-*' (commandline "
      "-opc)[2..])\n  test \"$have\" = \"$argv\"\nend\n");
  for (const Node& node : nodes) {
    for (const auto& [name, about] : node.children)
      fmt::print("complete -c countersign -f -n '__countersign_exactly {}' -a '{}' -d '{}'\n",
                 node.path, shell_quoted(name), shell_quoted(about));
    const std::string where = node.path.empty() ? "true" : "__countersign_at " + node.path;
    for (const Value& positional : node.positionals)
      if (!positional.choices.empty())
        fmt::print("complete -c countersign -f -n '{}' -a '{}' -d '{}'\n", where,
                   fmt::join(positional.choices, " "), shell_quoted(positional.about));
    for (const Value& option : node.options)
      fmt::print("complete -c countersign {} -n '{}' -l '{}' -d '{}'\n", fish_value(option), where,
                 option.name.substr(2), shell_quoted(option.about));
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

// A text of one or more sentences, whose last full stop is often left out.
std::string sentence(const std::string& text) {
  return scdoc_escaped(text) + (text.ends_with('.') ? "" : ".");
}

void print_entry(const Node& node) {
  std::string line = "*countersign " + scdoc_escaped(node.path) + "*";
  for (const Value& positional : node.positionals) {
    const std::string name = "_" + scdoc_escaped(positional.name) + "_";
    line += positional.required ? " " + name : " [" + name + "]";
  }
  if (!node.options.empty()) line += " [options]";
  fmt::print("{}\n\t{}\n\n", line, sentence(node.about));
  for (const Value& positional : node.positionals) {
    const std::string choices =
        positional.choices.empty() ? "" : fmt::format(": {}", fmt::join(positional.choices, ", "));
    fmt::print("\t_{}_\n\t\t{}\n\n", scdoc_escaped(positional.name),
               sentence(positional.about + choices));
  }
  for (const Value& option : node.options)
    if (option.name != "--help" && option.name != "--json" && option.name != "--socket")
      fmt::print("\t*{}*{}\n\t\t{}\n\n", scdoc_escaped(option.name),
                 option.placeholder.empty() ? "" : " _" + scdoc_escaped(option.placeholder) + "_",
                 sentence(option.about));
}

bool top_noun(const Node& node) { return !node.path.empty() && !node.path.contains(' '); }

// Each noun with its verbs, to find the way by.
void print_index(const std::vector<Node>& nodes) {
  for (const Node& node : nodes) {
    if (!top_noun(node)) continue;
    std::string verbs;
    for (const auto& [name, about] : node.children) verbs += (verbs.empty() ? ": " : ", ") + name;
    fmt::print("*{}*{}\n\t{}.\n\n", scdoc_escaped(node.path), scdoc_escaped(verbs),
               scdoc_escaped(node.about));
  }
}

void print_scdoc(const std::vector<Node>& nodes) {
  print_index(nodes);
  for (const Node& node : nodes) {
    if (top_noun(node)) fmt::print("## {}\n\n", scdoc_escaped(node.path));
    if (!node.path.empty() && node.children.empty()) print_entry(node);
  }
}

}  // namespace

int print_tree(int argc, char** argv) {
  Front front;
  CLI::App app;
  build_tree(app, front, "*");
  std::vector<Node> nodes;
  walk(app, "", nodes);
  const std::string_view shape = argc == 3 ? argv[2] : "";
  if (shape == "bash")
    print_bash(nodes);
  else if (shape == "zsh")
    print_zsh(nodes);
  else if (shape == "fish")
    print_fish(nodes);
  else if (shape == "scdoc")
    print_scdoc(nodes);
  else
    return static_cast<int>(Exit::usage);
  return 0;
}

}  // namespace countersign::cli
