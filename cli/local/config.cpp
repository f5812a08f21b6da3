// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/local/helper.h"
#include "cli/nouns.h"
#include "core/base/text.h"
#include "daemon/base/child_process.h"

namespace countersign::cli {
namespace {

// The daemon reads its configuration; nobody else knows how. What it says goes to standard error as
// it is.
Result<int> run_check(const std::string& file) {
  std::vector<std::string> words = {program_path("countersignd"), "--check"};
  if (!file.empty()) words.insert(words.end(), {"--config", file});
  return TRY(Program(std::move(words)).start()).wait();
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
