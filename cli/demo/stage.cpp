// SPDX-License-Identifier: Apache-2.0
#include "cli/demo/stage.h"

#include <fmt/format.h>
#include <unistd.h>
#include <csignal>

#include <cstdlib>
#include <filesystem>

#include "cli/local/helper.h"
#include "daemon/api/authenticators.h"
#include "daemon/api/codec/decode.h"
#include "daemon/client/client.h"

namespace countersign::demo {

Result<Stage> Stage::set_up(bool keep) {
  Stage stage(keep);
  const char* temporary = std::getenv("TMPDIR");
  std::string folder = std::string(temporary != nullptr && *temporary == '/' ? temporary : "/tmp") +
                       "/countersign-demo-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr)
    return fail(Code::unavailable, "can't make a temporary folder " + folder);
  stage.folder_ = std::move(folder);
  const std::string log = stage.folder_ + "/daemon.log";
  Program program({cli::program_path("countersignd"), "--demo", "--virtual", "fido2:no-pin",
                   "--state", stage.folder_ + "/state", "--socket", stage.socket()});
  program.no_input().log_to(log);
  if (keep) program.own_session();
  stage.daemon_ = TRY(program.start());
  for (int tries = 0; tries < 400; ++tries) {
    if (client::Client::connect(stage.socket())) return stage;
    usleep(25'000);
  }
  return fail(Code::unavailable, "the private daemon did not start; its log: " + log);
}

Stage::~Stage() {
  if (folder_.empty()) return;
  if (keep_) {
    daemon_.let_go();
    return;
  }
  daemon_.signal(SIGTERM);
  (void)daemon_.wait();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Stage::heading(std::string_view text) const {
  say(out_.terminal() ? fmt::format("\n\x1b[1m{}\x1b[0m", text) : fmt::format("\n== {}", text));
}

void Stage::show(const Words& words) const {
  std::string text = "$ countersign";
  for (const std::string& word : words)
    text += word.find(' ') == std::string::npos ? " " + word : " \"" + word + "\"";
  say(out_.terminal() ? fmt::format("\x1b[36m{}\x1b[0m", text) : text);
  (void)std::fflush(stdout);
}

Stage::Words Stage::whole(const Words& words, bool json) const {
  Words all = {cli::program_path("countersign"), "--socket", socket()};
  if (json) all.emplace_back("--json");
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

Result<void> Stage::run(const Words& words, int expected) const {
  show(words);
  const int status = TRY(Program(whole(words, false)).start()).wait();
  if (status != expected)
    return fail(Code::internal, fmt::format("that ended with {} instead of {}", status, expected));
  return {};
}

Result<api::EnrollResult> Stage::enroll(const Words& words) const {
  show(words);
  const std::string printed = TRY(answer(words));
  return api::decode<api::EnrollResult>(printed);
}

Result<std::string> Stage::answer(const Words& words) const {
  Printed printed = TRY(output_of(Program(whole(words, true))));
  if (printed.status != 0) return fail(Code::internal, std::move(printed.text));
  return std::move(printed.text);
}

Result<int> Stage::quietly(const Words& words) const {
  return TRY(output_of(Program(whole(words, true)))).status;
}

}  // namespace countersign::demo
