// SPDX-License-Identifier: Apache-2.0
// A command of the tree with its verbs and options: what nouns build the tree with. They never see
// CLI11 itself, whose inline code would take longer to compile than the rest of a noun. These are
// handles for building: the tree itself is CLI11's, and outlives them.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace countersign::cli {

// What an option may be read into. A type is added here and in command.cpp.
template <class T>
concept OptionValue =
    std::same_as<T, std::string> || std::same_as<T, std::optional<std::string>> ||
    std::same_as<T, std::vector<std::string>> || std::same_as<T, int> ||
    std::same_as<T, std::int64_t> || std::same_as<T, std::uint64_t> ||
    std::same_as<T, std::optional<int>> || std::same_as<T, std::optional<std::int64_t>>;

// Owned by its command. Each setter returns this.
class Option {
 public:
  explicit Option(CLI::Option& option) : option_(option) {}

  Option* required();
  // How many words it takes.
  Option* expected(int words);
  Option* type_name(const std::string& placeholder);
  // Shows the value that it has without the option in the help.
  Option* capture_default_str();
  Option* default_str(const std::string& text);
  // Takes these words and no others.
  Option* one_of(const std::vector<std::string>& words);
  Option* in_range(int least, int most);
  // wrong: what is wrong with a value; empty when nothing is. placeholder: as in the help.
  Option* check(std::function<std::string(std::string& value)> wrong,
                const std::string& placeholder);
  // Left out of the help.
  Option* hidden();
  // Not together with the other, only with it.
  Option* excludes(const Option* other);
  Option* needs(const Option* other);

 private:
  CLI::Option& option_;
};

// A noun or verb. Its verbs and options live as long as it does.
class Command {
 public:
  explicit Command(CLI::App& app) : app_(app) {}
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;
  ~Command();

  Command* add_subcommand(const std::string& name, const std::string& about);
  Command* require_subcommand(int count = 1);
  // names: "--code", or "ID" for a positional. into has to live until the command has run.
  template <OptionValue T>
  Option* add_option(const std::string& names, T& into, const std::string& about = {});
  Option* add_flag(const std::string& names, bool& into, const std::string& about);
  Option* add_flag(const std::string& names, std::optional<bool>& into, const std::string& about);
  // What the command does once the line has been parsed.
  Command* callback(std::function<void()> run);

 private:
  Option* own(CLI::Option* option);

  CLI::App& app_;
  std::vector<std::unique_ptr<Command>> verbs_;
  std::vector<std::unique_ptr<Option>> options_;
};

}  // namespace countersign::cli
