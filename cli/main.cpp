// SPDX-License-Identifier: Apache-2.0
// countersign: finds the noun, builds its part of the command tree, runs it.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/nouns.h"
#include "cli/tree.h"
#include "cli/tree_print.h"
#include "cli/words.h"
#include "core/base/text.h"
#include "daemon/version.h"

using namespace countersign::cli;

namespace {

// JSON can't carry other octets: sent on, they would arrive as something that nobody typed.
std::optional<std::string> not_utf8(int argc, char** argv) {
  for (int i = 1; i < argc; ++i)
    if (!countersign::is_utf8(argv[i])) return countersign::escape_text(argv[i]);
  return std::nullopt;
}

constexpr std::size_t longest_complaint = 500;

// The command line itself is wrong: nothing was asked of the daemon.
int refuse(Front& front, const std::vector<std::string>& words, const std::string& what) {
  front.json = front.json || std::ranges::find(words, "--json") != words.end();
  front.out().error({countersign::Code::invalid, what});
  return static_cast<int>(Exit::usage);
}

}  // namespace

int main(int argc, char** argv) {
  // "countersign help user" is "countersign user --help".
  const bool help = argc > 1 && std::string_view(argv[1]) == "help";
  if (help) {
    argv[1] = argv[0];
    ++argv;
    --argc;
  }
  (void)std::signal(SIGPIPE, SIG_IGN);
  const std::string_view wanted = noun_of(argc, argv);
  if (wanted == tree_command) return print_tree(argc, argv);
  Front front;
  CLI::App app{"Strong authentication with what people hold: keys, cards, phones, codes",
               "countersign"};
  // Only the wanted noun is built: a verification is over in less time than the whole tree takes.
  build_tree(app, front, wanted);
  if (const auto word = not_utf8(argc, argv)) {
    front.json = std::find(argv, argv + argc, std::string_view("--json")) != argv + argc;
    front.fail_with(
        {countersign::Code::invalid,
         "'" + *word + "' is not valid UTF-8; is the terminal set to another encoding?"});
    return static_cast<int>(front.exit);
  }
  std::vector<std::string> words = in_order(app, {argv + std::min(argc, 1), argv + argc});
  if (help) words.emplace_back("--help");
  if (const auto wrong = wrong_word(app, words)) return refuse(front, words, *wrong);
  try {
    app.parse(
        std::vector<std::string>(words.rbegin(), words.rend()));  // CLI11 takes them from the back
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    const std::string what = std::string(error.what()).substr(0, longest_complaint);
    return refuse(front, words, fmt::format("{}. See '{} --help'", what, command_of(app, words)));
  }
  return static_cast<int>(front.exit);
}
