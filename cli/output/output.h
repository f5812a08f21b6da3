// SPDX-License-Identifier: Apache-2.0
// The one place that renders: text for people, JSON for programs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace countersign::cli {

// What the terminal shows: colours unless it is dumb or somebody said NO_COLOR, and UTF-8 where the
// locale has it.
struct TerminalAbilities {
  bool colour = false, utf8 = false;
  std::size_t columns = 0;  // 0: not known
};
[[nodiscard]] TerminalAbilities terminal_abilities();

class Output {
 public:
  explicit Output(bool json);

  [[nodiscard]] bool json() const { return json_; }
  [[nodiscard]] const TerminalAbilities& abilities() const {
    return abilities_;
  }  // none unless terminal()
  [[nodiscard]] bool terminal() const {
    return terminal_;
  }  // standard output is one, and people read it

  void object(std::string_view json_text) const;  // --json only: the one final object
  void line(std::string_view text) const;  // text only; already escaped where it came from outside
  void good(std::string_view text) const;  // a line with a green mark on terminals
  void bad(std::string_view text) const;   // a line with a red mark
  void error(
      const Error& error) const;  // --json: an object on standard output; text: on standard error
  void note(std::string_view text) const;  // text on standard error, for what is not the answer
  // Columns as wide as their content; cells are escaped here. Nothing but the text of empty when
  // there are no rows.
  void table(const std::vector<std::string>& heads,
             const std::vector<std::vector<std::string>>& rows, std::string_view empty) const;

 private:
  [[nodiscard]] bool marks() const { return abilities_.colour && abilities_.utf8; }

  bool json_;
  bool terminal_;
  TerminalAbilities abilities_;
};

// "a, b, c"
[[nodiscard]] std::string joined(const std::vector<std::string>& words);

}  // namespace countersign::cli
