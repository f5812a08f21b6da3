// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/helper.h"
#include "cli/nouns.h"

namespace countersign::cli {

// The story is a program of its own: it plays the phone, and so needs a crypto library that this one does not load.
void add_demo(CLI::App& noun, Front& front) {
  auto keep = std::make_shared<bool>(false);
  noun.add_flag("--keep", *keep, "Leave the daemon running at the end, to go on with your own phone");
  noun.callback([&front, keep] {
    const std::string program = program_path("countersign-demo");
    const char* words[] = {program.c_str(), *keep ? "--keep" : nullptr, nullptr};
    (void)execv(program.c_str(), const_cast<char**>(words));
    front.fail_with({Code::unavailable, "can't run " + program + ": " + std::strerror(errno)});
  });
}

}  // namespace countersign::cli
