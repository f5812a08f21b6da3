// SPDX-License-Identifier: Apache-2.0
#include "cli/words.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>

#include "core/base/text.h"

namespace countersign::cli {
namespace {

using Words = std::vector<std::string>;

const CLI::App* find(const CLI::App& app, const std::string& name) {
  for (const CLI::App* each : app.get_subcommands(nullptr))
    if (each->get_name() == name) return each;
  return nullptr;
}

bool has_verbs(const CLI::App& app) { return !app.get_subcommands(nullptr).empty(); }

bool is_option(const std::string& word) { return word.size() > 1 && word.front() == '-'; }

// Whether the word after this option is its value: of the command's own options or any verb's.
bool takes_value(const CLI::App& app, const std::string& name) {
  for (const CLI::Option* option : app.get_options())
    if (option->check_name(name)) return option->get_items_expected_max() > 0;
  return std::ranges::any_of(app.get_subcommands(nullptr),
                             [&](const CLI::App* verb) { return takes_value(*verb, name); });
}

// The index behind the word at i, its value included.
std::size_t behind(const CLI::App& root, const CLI::App& app, const Words& words, std::size_t i) {
  const bool value = is_option(words[i]) && !words[i].contains('=') &&
                     (takes_value(app, words[i]) || takes_value(root, words[i]));
  return i + (value ? 2 : 1);
}

// "--kind totp" in place of the verb totp.
bool kind_names_verb(const CLI::App& app, const Words& words, std::size_t i) {
  return words[i] == "--kind" && i + 1 < words.size() && find(app, words[i + 1]) != nullptr;
}

// The position of the next verb after this noun or verb; words.size() if there is no verb.
std::size_t verb_at(const CLI::App& root, const CLI::App& app, Words& words, std::size_t from) {
  for (std::size_t i = from; i < words.size(); i = behind(root, app, words, i)) {
    if (words[i] == "--") break;
    if (kind_names_verb(app, words, i)) words.erase(words.begin() + static_cast<std::ptrdiff_t>(i));
    if (find(app, words[i]) != nullptr) return i;
  }
  return words.size();
}

std::size_t noun_at(const CLI::App& root, const Words& words) {
  std::size_t i = 0;
  while (i < words.size() && is_option(words[i])) i = behind(root, root, words, i);
  return std::min(i, words.size());
}

std::string names_in(const CLI::App& app) {
  std::string names;
  for (const CLI::App* each : app.get_subcommands(nullptr))
    names += (names.empty() ? "" : ", ") + each->get_name();
  return names;
}

bool asks_for_help(const Words& words) {
  constexpr std::array help = {"--help", "-h", "--version"};
  return std::ranges::find_first_of(words, help) != words.end();
}

// The first word behind the noun that could have been meant as a verb.
std::string meant_as_verb(const CLI::App& root, const CLI::App& app, const Words& words,
                          std::size_t from) {
  for (std::size_t i = from; i < words.size(); i = behind(root, app, words, i))
    if (!is_option(words[i])) return words[i];
  return {};
}

std::string shown(const std::string& word) { return escape_text(word.substr(0, 64)); }

// Insertions, deletions, replacements and swaps of neighbours from one word to the other
// (Damerau and Levenshtein, "optimal string alignment").
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t other = a[i - 1] == b[j - 1] ? 0 : 1;
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + other});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  return cost[a.size()][b.size()];
}

constexpr std::size_t longest_word = 40;

// ". Did you mean 'user'?", or nothing: one slip in a short word, two in a longer one.
std::string did_you_mean(const std::string& word, const Words& known) {
  if (word.size() > longest_word) return {};
  const auto slips = [&](const std::string& each) { return distance(word, each); };
  const auto nearest = std::ranges::min_element(known, {}, slips);
  const std::size_t allowed = word.size() < 5 ? 1 : 2;
  if (nearest == known.end() || slips(*nearest) > allowed) return {};
  return ". Did you mean '" + *nearest + "'?";
}

Words verbs_of(const CLI::App& app) {
  Words names;
  for (const CLI::App* each : app.get_subcommands(nullptr)) names.push_back(each->get_name());
  return names;
}

void add_options(const CLI::App& app, Words& names) {
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
}

bool takes_words(const CLI::App& command) {
  return std::ranges::any_of(command.get_options(),
                             [](const CLI::Option* option) { return option->get_positional(); });
}

// A word behind the command that it does not know: a misspelt option, or a name without its option.
std::optional<std::string> unexpected_word(const CLI::App& root, const CLI::App& command,
                                           const std::string& path, const Words& words,
                                           std::size_t from) {
  Words known;
  add_options(command, known);
  add_options(root, known);
  const std::string see = fmt::format(" See '{} --help'", path);
  for (std::size_t i = from; i < words.size(); i = behind(root, command, words, i)) {
    if (words[i] == "--") return std::nullopt;
    const std::string name = words[i].substr(0, words[i].find('='));
    if (name.starts_with("--")) {
      if (std::ranges::find(known, name) != known.end()) continue;
      const std::string hint = did_you_mean(name, known);
      return fmt::format("'{}' has no option '{}'{}{}", path, shown(name),
                         hint.empty() ? "." : hint, see);
    }
    if (is_option(name) || takes_words(command)) continue;
    const bool of_a_user = std::ranges::find(known, "--user") != known.end();
    return fmt::format("'{}' does not expect '{}'{}.{}", path, shown(words[i]),
                       of_a_user ? ": a user is named with --user " + shown(words[i]) : "", see);
  }
  return std::nullopt;
}

}  // namespace

Words in_order(const CLI::App& app, Words words) {
  std::size_t at = noun_at(app, words);
  if (at == words.size()) return words;
  for (const CLI::App* command = find(app, words[at]); command != nullptr && has_verbs(*command);
       command = find(*command, words[at])) {
    const std::size_t verb = verb_at(app, *command, words, ++at);
    if (verb == words.size()) break;
    std::rotate(words.begin() + static_cast<std::ptrdiff_t>(at),
                words.begin() + static_cast<std::ptrdiff_t>(verb),
                words.begin() + static_cast<std::ptrdiff_t>(verb) + 1);
  }
  return words;
}

std::optional<std::string> wrong_word(const CLI::App& app, const Words& words) {
  if (asks_for_help(words)) return std::nullopt;
  std::size_t at = noun_at(app, words);
  const std::string nouns =
      ". Commands: " + names_in(app) + ". 'countersign --help' says what each is for";
  if (at == words.size()) return "a command is missing" + nouns;
  const CLI::App* command = find(app, words[at]);
  if (command == nullptr) {
    const std::string hint = did_you_mean(words[at], verbs_of(app));
    return fmt::format("there is no command '{}'{}{}", shown(words[at]), hint,
                       hint.empty() ? nouns : " 'countersign --help' lists all commands");
  }
  std::string path = "countersign " + words[at];
  while (has_verbs(*command)) {
    const CLI::App* verb = ++at < words.size() ? find(*command, words[at]) : nullptr;
    if (verb == nullptr) {
      const std::string meant = meant_as_verb(app, *command, words, at);
      const std::string hint = did_you_mean(meant, verbs_of(*command));
      const std::string what = meant.empty() ? fmt::format("'{}' needs one more word", path)
                                             : fmt::format("'{}' has no '{}'", path, shown(meant));
      return fmt::format("{}{}{}. '{} --help' says what each does", what,
                         hint.empty() ? ": " : hint + " There are: ", names_in(*command), path);
    }
    path += " " + words[at];
    command = verb;
  }
  return unexpected_word(app, *command, path, words, at + 1);
}

std::string command_of(const CLI::App& app, const Words& words) {
  std::string path = "countersign";
  std::size_t at = noun_at(app, words);
  for (const CLI::App* command = &app; at < words.size(); ++at) {
    command = find(*command, words[at]);
    if (command == nullptr) break;
    path += " " + words[at];
  }
  return path;
}

}  // namespace countersign::cli
