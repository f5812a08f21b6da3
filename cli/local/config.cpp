// SPDX-License-Identifier: Apache-2.0
#include <spawn.h>
#include <sys/wait.h>

#include "cli/command.h"
#include "cli/local/helper.h"
#include "cli/nouns.h"
#include "core/base/text.h"

extern char** environ;

namespace countersign::cli {
namespace {

// The daemon reads its configuration; nobody else knows how. What it says goes to standard error as
// it is.
Result<int> run_check(const std::string& file) {
  std::vector<std::string> words = {program_path("countersignd"), "--check"};
  if (!file.empty()) words.insert(words.end(), {"--config", file});
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = -1;
  int status = 0;
  if (posix_spawn(&child, words[0].c_str(), nullptr, nullptr, arguments.data(), environ) != 0 ||
      waitpid(child, &status, 0) != child || !WIFEXITED(status))
    return fail(Code::unavailable, "can't run " + words[0]);
  return WEXITSTATUS(status);
}

struct Checked {
  bool good = false;
  std::string file;
  static api::Fields fields() {
    return {api::Field{"good", &Checked::good, ""}, api::Field{"file", &Checked::file, ""}};
  }
};

}  // namespace

void add_config(Command& noun, Front& front) {
  noun.require_subcommand(1);
  auto file = std::make_shared<std::string>();
  Command* verb = noun.add_subcommand(
      "check", "Read the configuration and say what is wrong with it: file, line, key");
  verb->add_option("FILE", *file, "The configuration; default /etc/countersign/countersign.toml");
  verb->callback([&front, file] {
    const Result<int> status = run_check(*file);
    if (!status) return front.fail_with(status.error());
    front.out().object(api::encode(Checked{*status == 0, *file}));
    if (*status == 0) return front.out().good("the configuration is good");
    front.exit = static_cast<Exit>(*status);
  });
}

}  // namespace countersign::cli
