// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

#include <CLI/CLI.hpp>

#include <utility>

namespace countersign::cli {

Option* Option::required() {
  option_.required();
  return this;
}
Option* Option::expected(int words) {
  option_.expected(words);
  return this;
}
Option* Option::type_name(const std::string& placeholder) {
  option_.type_name(placeholder);
  return this;
}
Option* Option::capture_default_str() {
  option_.capture_default_str();
  return this;
}
Option* Option::default_str(const std::string& text) {
  option_.default_str(text);
  return this;
}
Option* Option::one_of(const std::vector<std::string>& words) {
  option_.check(CLI::IsMember(words));
  return this;
}
Option* Option::in_range(int least, int most) {
  option_.check(CLI::Range(least, most));
  return this;
}
Option* Option::check(std::function<std::string(std::string&)> wrong,
                      const std::string& placeholder) {
  option_.check(CLI::Validator(std::move(wrong), placeholder));
  return this;
}
Option* Option::hidden() {
  option_.group("");
  return this;
}
Option* Option::excludes(const Option* other) {
  option_.excludes(&other->option_);
  return this;
}
Option* Option::needs(const Option* other) {
  option_.needs(&other->option_);
  return this;
}

Command::~Command() = default;

Command* Command::add_subcommand(const std::string& name, const std::string& about) {
  verbs_.push_back(std::make_unique<Command>(*app_.add_subcommand(name, about)));
  return verbs_.back().get();
}
Command* Command::require_subcommand(int count) {
  app_.require_subcommand(count);
  return this;
}
template <OptionValue T>
Option* Command::add_option(const std::string& names, T& into, const std::string& about) {
  return own(app_.add_option(names, into, about));
}
Option* Command::add_flag(const std::string& names, bool& into, const std::string& about) {
  return own(app_.add_flag(names, into, about));
}
Option* Command::add_flag(const std::string& names, std::optional<bool>& into,
                          const std::string& about) {
  return own(app_.add_flag_callback(names, [&into] { into = true; }, about));
}
Command* Command::callback(std::function<void()> run) {
  app_.callback(std::move(run));
  return this;
}
Option* Command::own(CLI::Option* option) {
  options_.push_back(std::make_unique<Option>(*option));
  return options_.back().get();
}

template Option* Command::add_option(const std::string&, std::string&, const std::string&);
template Option* Command::add_option(const std::string&, std::optional<std::string>&,
                                     const std::string&);
template Option* Command::add_option(const std::string&, std::vector<std::string>&,
                                     const std::string&);
template Option* Command::add_option(const std::string&, int&, const std::string&);
template Option* Command::add_option(const std::string&, std::int64_t&, const std::string&);
template Option* Command::add_option(const std::string&, std::uint64_t&, const std::string&);
template Option* Command::add_option(const std::string&, std::optional<int>&, const std::string&);
template Option* Command::add_option(const std::string&, std::optional<std::int64_t>&,
                                     const std::string&);

}  // namespace countersign::cli
