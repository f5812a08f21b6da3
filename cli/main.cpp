// SPDX-License-Identifier: Apache-2.0
// countersign: finds the noun, builds its part of the command tree, runs it.
#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdio>
#include <string_view>

#include "cli/nouns.h"
#include "cli/tree.h"
#include "daemon/version.h"

using namespace countersign::cli;

int main(int argc, char** argv) {
  (void)std::signal(SIGPIPE, SIG_IGN);
  const std::string_view wanted = noun_of(argc, argv);
  if (wanted == tree_command) return print_tree(argc, argv);
  Front front;
  CLI::App app{"Strong authentication with what people hold: keys, cards, phones, codes", "countersign"};
  // Only the wanted noun is built: a verification is over in less time than the whole tree takes.
  build_tree(app, front, wanted);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    if (!front.json) return app.exit(error), static_cast<int>(Exit::usage);
    front.out().error({countersign::Code::invalid, error.what()});
    return static_cast<int>(Exit::usage);
  }
  return static_cast<int>(front.exit);
}
