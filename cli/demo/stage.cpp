// SPDX-License-Identifier: Apache-2.0
#include "cli/demo/stage.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "cli/local/helper.h"
#include "daemon/api/authenticators.h"
#include "daemon/api/decode.h"
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
  auto daemon =
      TRY(Child::start({cli::program_path("countersignd"), "--demo", "--virtual", "fido2:no-pin",
                        "--state", stage.folder_ + "/state", "--socket", stage.socket()},
                       log, keep));
  stage.daemon_ = std::move(daemon);
  for (int tries = 0; tries < 400; ++tries) {
    if (client::Client::connect(stage.socket())) return stage;
    usleep(25'000);
  }
  return fail(Code::unavailable, "the private daemon did not start; its log: " + log);
}

Stage::~Stage() {
  if (folder_.empty()) return;
  if (keep_) {
    daemon_.release();
    return;
  }
  Child ended = std::move(daemon_);
  ended = Child();
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
  const int status = TRY(run_program(whole(words, false)));
  if (status != expected)
    return fail(Code::internal, fmt::format("that ended with {} instead of {}", status, expected));
  return {};
}

Result<api::EnrollResult> Stage::enroll(const Words& words) const {
  show(words);
  int status = 0;
  const std::string printed = TRY(output_of(whole(words, true), status));
  if (status != 0) return fail(Code::internal, printed);
  return api::decode<api::EnrollResult>(printed);
}

Result<std::string> Stage::answer(const Words& words) const {
  int status = 0;
  Result<std::string> printed = output_of(whole(words, true), status);
  if (printed && status != 0) return fail(Code::internal, *printed);
  return printed;
}

Result<int> Stage::quietly(const Words& words) const {
  int status = 0;
  const std::string printed = TRY(output_of(whole(words, true), status));
  return status;
}

}  // namespace countersign::demo
